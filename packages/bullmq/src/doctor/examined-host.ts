import { noopTelemetry, type Telemetry } from '@throughline/core';
import { observedWorkers } from '../consuming/observed-workers.ts';
import type { ClientOwner } from '../queue-observation/script-client.ts';
import { type CarriedTelemetry, carriedBy } from '../settings/carried-telemetry.ts';

/** What a BullMQ object is looked at for; every queue, worker and flow producer fits, of any copy of BullMQ. */
export interface Examinable extends ClientOwner {
  readonly name?: string | undefined;
  readonly qualifiedName?: string | undefined;
  readonly opts: { readonly telemetry?: unknown };
  /** Set by BullMQ once `close()` was called. */
  readonly closing?: unknown;
}

export type HostRole = 'queue' | 'worker' | 'flow producer';

/** A BullMQ object as it was found. */
export interface Examined {
  readonly role: HostRole;
  /** `queue mail`, for people. */
  readonly about: string;
  readonly host: Examinable;
  /** Absent when Throughline has no part in it. */
  readonly carried: CarriedTelemetry | undefined;
}

export function examined(role: HostRole, host: Examinable): Examined {
  const about = host.name === undefined ? role : `${role} ${host.name}`;
  return { role, about, host, carried: carriedBy(host.opts?.telemetry) };
}

/** The telemetry that is in use there. */
export function telemetryOf({ carried }: Examined): Telemetry | undefined {
  return carried?.telemetry === noopTelemetry ? undefined : carried?.telemetry;
}

/** Whether one of the layers traces it without its option `telemetry`. */
export function isTraced(subject: Examined): boolean {
  return telemetryOf(subject) !== undefined || observedWorkers.has(subject.host);
}
