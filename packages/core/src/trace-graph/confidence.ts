/** How far an answer can be trusted. Each reason takes it down by one level. */
export interface Confidence {
  readonly level: 'high' | 'medium' | 'low';
  /** Phrases: `events are missing in the chain`. Empty when the level is high. */
  readonly reasons: readonly string[];
}

const levels = ['high', 'medium', 'low'] as const;

/** The level that this many reasons to doubt leave. */
export function confidenceOf(reasons: Iterable<string>): Confidence {
  const list = [...reasons];
  return { level: levels[Math.min(list.length, 2)] ?? 'low', reasons: list };
}
