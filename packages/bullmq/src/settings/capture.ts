import {
  demandOption,
  demandOptions,
  describeError,
  type JsonObject,
  type JsonValue,
  type SpanOutcome,
} from '@throughline/core';
import type { ObservedJob } from '../job/observed-job.ts';

/** What of a value may be stored: the names of its top-level fields, or a function that picks, at once. */
export type Capture<Value> = readonly string[] | ((value: Value) => JsonObject | undefined);

/** What of the payload of jobs may leave the process. Nothing does unless it is named here. */
export interface CaptureOptions {
  /**
   * Of the job's data: stored with the start of each attempt as `data.job_data`, with its end where BullMQ's
   * telemetry object starts the span. OpenTelemetry gets none of it.
   *
   * @default nothing
   */
  // biome-ignore lint/suspicious/noExplicitAny: the type of BullMQ's own `job.data`
  readonly data?: Capture<any> | undefined;
  /**
   * Of what the processor returned: stored with the end of the attempt as `data.job_result`. OpenTelemetry gets none of it.
   *
   * @default nothing
   */
  // biome-ignore lint/suspicious/noExplicitAny: the type of BullMQ's own `job.returnvalue`
  readonly result?: Capture<any> | undefined;
  /**
   * Whether the message of an error goes along with its type. Credentials in it are masked and it is cut at 2,048
   * characters; whatever else the application writes into its messages leaves the process.
   *
   * @default true
   */
  readonly errorMessages?: boolean | undefined;
}

/** {@link CaptureOptions}, decided. */
export interface CaptureSettings {
  readonly data: Picker | undefined;
  readonly result: Picker | undefined;
  readonly errorMessages: boolean;
}

type Picker = (value: unknown) => JsonObject | undefined;

/** @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` */
export function resolveCapture(options: CaptureOptions = {}): CaptureSettings {
  demandOptions(path, options, { data: true, result: true, errorMessages: true });
  const { data, result, errorMessages = true } = options;
  demandOption(typeof errorMessages === 'boolean', `${path}.errorMessages`, errorMessages, 'true or false');
  return Object.freeze({ data: picker('data', data), result: picker('result', result), errorMessages });
}

const path = 'bullmqTelemetry.capture';

function picker(name: string, capture: Capture<never> | undefined): Picker | undefined {
  if (capture === undefined) return undefined;
  if (typeof capture === 'function') return capture as Picker;
  const isList = Array.isArray(capture) && capture.every((field) => typeof field === 'string');
  demandOption(isList, `${path}.${name}`, capture, 'names of fields, or a function');
  const fields = [...capture];
  return (value) => fieldsOf(value, fields);
}

function fieldsOf(value: unknown, fields: readonly string[]): JsonObject | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const picked: Record<string, JsonValue | undefined> = {};
  for (const field of fields)
    if (Object.hasOwn(value, field)) picked[field] = Reflect.get(value, field) as JsonValue;
  return picked;
}

/** What may be stored of a job's data. */
export function capturedData({ data }: CaptureSettings, job: ObservedJob): JsonObject | undefined {
  return data && captured('job_data', data, job, 'data');
}

/**
 * What may be stored of the result of a job that went well.
 *
 * @param isNamedLate the job was not known when the span started, so its data is told now
 */
export function capturedAtEnd(
  capture: CaptureSettings,
  outcome: SpanOutcome,
  job: ObservedJob,
  isNamedLate: boolean,
): JsonObject | undefined {
  const { data, result } = capture;
  const late = data && isNamedLate ? capturedData(capture, job) : undefined;
  if (result === undefined || outcome !== 'ok') return late;
  return { ...late, ...captured('job_result', result, job, 'returnvalue') };
}

/**
 * What was picked, under `key`. A function that fails does not touch the job: the type of its error is stored in place
 * of what it would have picked, and no more, since its message may hold what was not to be stored.
 */
function captured(key: string, pick: Picker, job: ObservedJob, field: string): JsonObject | undefined {
  try {
    const picked = pick(Reflect.get(job, field));
    if (picked instanceof Promise) return leftOut(key, picked);
    return picked && { [key]: picked };
  } catch (error) {
    return { [key]: { capture_failed: describeError(error, { maxCauses: 0 }).type } };
  }
}

/** Nobody waits for a promise, and nobody would hear it reject. */
function leftOut(key: string, picked: Promise<unknown>): JsonObject {
  picked.catch(() => {});
  return { [key]: { capture_failed: 'Promise' } };
}

/** The error as it may be told. */
export function tellable({ errorMessages }: CaptureSettings, error: unknown): unknown {
  return errorMessages ? error : new WithheldError(error);
}

/** Of an error its type: `describeError` reads name and message. */
class WithheldError {
  readonly name: string;
  readonly message = '';

  constructor(error: unknown) {
    this.name = describeError(error, { maxCauses: 0 }).type;
  }
}
