import type { AppendResult } from './trace-store.ts';

/** How a store counted a batch. */
export interface AppendCounts {
  readonly duplicates: number;
  readonly rejected: number;
}

/** Makes counts that add up to at most `size` of whatever a store answered. */
export function appendCounts(result: AppendResult | undefined, size: number): AppendCounts {
  const rejected = Math.min(countOf(fieldOf(fieldOf(result, 'rejected'), 'length')), size);
  const duplicates = Math.min(countOf(fieldOf(result, 'duplicates')), size - rejected);
  return { duplicates, rejected };
}

/** A whole number from 0 on; 0 for everything else. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}

/** A property of what a store answered, which may be anything. */
export function fieldOf(answer: unknown, name: string): unknown {
  try {
    return (answer as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
