import { noopTelemetry } from '@throughline/core';
import { selfTraced } from '../consuming/attempt-registry.ts';
import { observedWorkers } from '../consuming/observed-workers.ts';
import type { DoctorFinding } from './doctor-report.ts';
import { type Examined, type HostRole, isTraced, telemetryOf } from './examined-host.ts';

/** What is odd about one BullMQ object. */
export function examineHost(subject: Examined): readonly DoctorFinding[] {
  const { about, role, carried } = subject;
  if (carried === undefined) return examineForeign(subject);
  const findings: DoctorFinding[] = [];
  if (carried.telemetry === noopTelemetry)
    findings.push({
      code: 'telemetry_off',
      level: 'error',
      about,
      message: 'Its telemetry is the no-op: nothing is recorded.',
      fix: 'Give bullmqTelemetry() a telemetry, createOtelTelemetry() for example.',
    });
  else if (role === 'worker' && !selfTraced.has(subject.host) && !observedWorkers.has(subject.host))
    findings.push({
      code: 'layers_missing',
      level: 'info',
      about,
      message:
        "It is BullMQ's own class: of a failure only the message is known, and neither attempts nor waits nor why a job was handed back.",
      fix: 'Add observeWorker() and wrapProcessor(), or import Worker from @throughline/bullmq.',
    });
  if (carried.settings.internalSpans)
    findings.push({
      code: 'internal_spans',
      level: 'info',
      about,
      message: "internalSpans is on: BullMQ's own operations are spans, several per job and more on timers.",
      fix: 'Leave it out when you do not need them.',
    });
  return findings;
}

/** One that was closed: there is nothing to be seen of it, whatever its telemetry is. */
export function examineClosed({ about, host }: Examined): readonly DoctorFinding[] {
  if (!host.closing) return [];
  return [
    {
      code: 'closed',
      level: 'warning',
      about,
      message: 'It was closed: no job is added or processed by it any more, and its Redis was not asked.',
      fix: 'Call doctor() before close().',
    },
  ];
}

function examineForeign(subject: Examined): readonly DoctorFinding[] {
  const { about, role, host } = subject;
  const given = host.opts?.telemetry;
  if (typeof given !== 'object' || given === null) {
    if (isTraced(subject)) return [];
    return [
      {
        code: 'no_telemetry',
        level: 'error',
        about,
        message: `It was constructed without telemetry: ${consequence[role]}`,
        fix: 'Pass `telemetry` to its constructor; it is read once, there.',
      },
    ];
  }
  if ('tracer' in given && 'contextManager' in given)
    return [
      {
        code: 'foreign_telemetry',
        level: 'warning',
        about,
        message: `Its telemetry was made by somebody else (${classOf(given)}); BullMQ uses that one, and Throughline is silent.`,
        fix: 'Replace it by the telemetry itself on our classes, or by bullmqTelemetry(telemetry) on those of BullMQ.',
      },
    ];
  return [
    {
      code: 'port_given_to_bullmq',
      level: 'error',
      about,
      message:
        "BullMQ's own class was given a telemetry of Throughline, which it cannot use: its calls fail.",
      fix: `Import the class from @throughline/bullmq, or pass bullmqTelemetry(telemetry).`,
    },
  ];
}

const consequence: Readonly<Record<HostRole, string>> = {
  queue: 'adding a job leaves no span and no carrier, so the trace of each job begins in the worker.',
  worker: 'nothing is recorded where jobs run.',
  'flow producer': 'adding a flow leaves no span and no carrier, so each of its jobs begins a trace.',
};

/** What does not fit between what was given. */
export function compareHosts(subjects: readonly Examined[]): readonly DoctorFinding[] {
  const queue = subjects.find(({ role }) => role === 'queue');
  const worker = subjects.find(({ role }) => role === 'worker');
  const findings: DoctorFinding[] = [];
  if (queue && worker && queue.host.qualifiedName !== worker.host.qualifiedName)
    findings.push({
      code: 'different_queues',
      level: 'warning',
      about: worker.about,
      message: `The queue is ${queue.host.qualifiedName}, the worker takes jobs from ${worker.host.qualifiedName}.`,
      fix: 'Use the same name and prefix, if they belong together.',
    });
  const telemetries = new Set(subjects.flatMap((subject) => telemetryOf(subject) ?? []));
  if (telemetries.size > 1)
    findings.push({
      code: 'different_telemetries',
      level: 'info',
      about: subjects.map(({ about }) => about).join(', '),
      message: 'They do not share a telemetry: spans of one job may go to different places.',
      fix: 'Make one telemetry and pass it to all of them.',
    });
  return findings;
}

function classOf(value: object): string {
  return value.constructor?.name ?? 'an object';
}
