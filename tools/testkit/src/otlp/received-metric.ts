import {
  type OtlpKeyValue,
  type ReceivedAttributes,
  readAttributes,
  readInteger,
} from './attribute-value.ts';
import type { OtlpJson } from './decode-otlp.ts';
import { type Origin, type OtlpResource, type OtlpScope, readOrigin, readTime } from './origin.ts';

/** One metric of one export: the same metric arrives again with the next. */
export interface ReceivedMetric extends Origin {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: MetricType;
  /** Of a sum or a histogram. */
  readonly temporality: 'delta' | 'cumulative' | undefined;
  /** `true` for a sum that never falls: a counter, not an up-down counter. */
  readonly monotonic: boolean;
  readonly points: readonly ReceivedPoint[];
}

export type MetricType = 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';

/**
 * One series of a metric at one time; which fields are there follows from the metric's type.
 *
 * Buckets of exponential histograms, quantiles of summaries and exemplars are in `OtlpReceiver.requests()` only.
 */
export interface ReceivedPoint {
  readonly attributes: ReceivedAttributes;
  /** Ms since the epoch. */
  readonly time: number;
  /** Ms since the epoch. */
  readonly startTime: number;
  /** Of a gauge or a sum. */
  readonly value?: number | bigint;
  /** How many measurements; of histograms and summaries. */
  readonly count?: number | bigint;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  /** Upper bounds of all buckets of a histogram but the last. */
  readonly bounds?: readonly number[];
  /** One more than `bounds`. */
  readonly counts?: readonly (number | bigint)[];
}

const TYPES = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
} as const;
const TEMPORALITIES = [undefined, 'delta', 'cumulative'] as const;

/** The metrics of a decoded export request, in the order in which they were sent. */
export function readMetrics(request: OtlpJson): ReceivedMetric[] {
  const { resourceMetrics = [] } = request as OtlpMetrics;
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, metrics = [] }) => {
      const origin = readOrigin(resource, scope);
      return metrics.map((metric) => readMetric(metric, origin));
    }),
  );
}

function readMetric(metric: OtlpMetric, origin: Origin): ReceivedMetric {
  const { name = '', description = '', unit = '' } = metric;
  const kind =
    (Object.keys(TYPES) as (keyof typeof TYPES)[]).find((key) => metric[key] !== undefined) ?? 'gauge';
  const { dataPoints = [], aggregationTemporality = 0, isMonotonic = false } = metric[kind] ?? {};
  return {
    name,
    description,
    unit,
    type: TYPES[kind],
    temporality: TEMPORALITIES[aggregationTemporality],
    monotonic: isMonotonic,
    points: dataPoints.map(readPoint),
    ...origin,
  };
}

function readPoint(point: OtlpPoint): ReceivedPoint {
  const { attributes, timeUnixNano, startTimeUnixNano, asInt, asDouble, count, sum, min, max } = point;
  const value = asInt === undefined ? asDouble : readInteger(asInt);
  return {
    attributes: readAttributes(attributes),
    time: readTime(timeUnixNano),
    startTime: readTime(startTimeUnixNano),
    ...(value === undefined ? {} : { value }),
    ...(count === undefined ? {} : { count: readInteger(count) }),
    ...(sum === undefined ? {} : { sum }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(point.explicitBounds === undefined ? {} : { bounds: point.explicitBounds }),
    ...(point.bucketCounts === undefined ? {} : { counts: point.bucketCounts.map(readInteger) }),
  };
}

interface OtlpMetrics {
  readonly resourceMetrics?: readonly {
    readonly resource?: OtlpResource;
    readonly scopeMetrics?: readonly {
      readonly scope?: OtlpScope;
      readonly metrics?: readonly OtlpMetric[];
    }[];
  }[];
}

interface OtlpMetric extends Partial<Readonly<Record<keyof typeof TYPES, OtlpData>>> {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
}

interface OtlpData {
  readonly dataPoints?: readonly OtlpPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface OtlpPoint {
  readonly attributes?: readonly OtlpKeyValue[];
  readonly timeUnixNano?: string;
  readonly startTimeUnixNano?: string;
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly string[];
}
