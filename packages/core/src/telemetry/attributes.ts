/** Values OpenTelemetry accepts for an attribute; `undefined` is skipped. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];

/**
 * Flat, low-cardinality facts about a span or a measurement.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/common/#attribute | OpenTelemetry: Attribute}
 */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** A value that JSON can express. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** Structured user data: an object that JSON can express. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
