import { type OtlpKeyValue, type ReceivedAttributes, readAttributes } from './attribute-value.ts';

/** Who sent a span or a metric. */
export interface Origin {
  /** Attributes of the resource. */
  readonly resource: ReceivedAttributes;
  /** `service.name` of the resource, or the empty string. */
  readonly service: string;
  /** The instrumentation scope. */
  readonly scope: {
    readonly name: string;
    readonly version: string;
    readonly attributes: ReceivedAttributes;
  };
}

/** `Resource` of OTLP/JSON. */
export interface OtlpResource {
  readonly attributes?: readonly OtlpKeyValue[];
}

/** `InstrumentationScope` of OTLP/JSON. */
export interface OtlpScope {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: readonly OtlpKeyValue[];
}

/** Joins a resource and a scope into what each of their records says about its sender. */
export function readOrigin(from: OtlpResource = {}, scope: OtlpScope = {}): Origin {
  const resource = readAttributes(from.attributes);
  const { name = '', version = '', attributes } = scope;
  return {
    resource,
    service: String(resource['service.name'] ?? ''),
    scope: { name, version, attributes: readAttributes(attributes) },
  };
}

/** Ms since the epoch, exact to the microsecond. */
export function readTime(unixNano = '0'): number {
  return Number(BigInt(unixNano) / 1_000n) / 1_000;
}
