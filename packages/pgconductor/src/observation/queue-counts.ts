/** Where in its queue an execution is. */
type QueueState = 'ready' | 'running' | 'scheduled' | 'sleeping' | 'waiting' | 'gated';

const queueStates: readonly QueueState[] = ['ready', 'running', 'scheduled', 'sleeping', 'waiting', 'gated'];

/** What was counted of one queue. */
export interface QueueCount {
  readonly byState: Readonly<Record<QueueState, number>>;
  /** For how long the oldest execution that is due has waited; 0 when none does. */
  readonly oldestMs: number;
}

/** The answer of the function `count_queues`. */
interface CountAnswer {
  readonly now: number;
  readonly queues: readonly string[];
  readonly counts: readonly (readonly [
    queue: string,
    state: string,
    count: number,
    oldestAt: number | null,
  ])[];
}

/** What was counted, by queue; a queue that is empty counts zero. */
export function queueCounts(answer: string): ReadonlyMap<string, QueueCount> {
  const { now, queues, counts } = JSON.parse(answer) as CountAnswer;
  const names = new Set([...queues, ...counts.map(([queue]) => queue)]);
  return new Map(
    [...names].map((name) => [
      name,
      countOf(
        counts.filter(([queue]) => queue === name),
        now,
      ),
    ]),
  );
}

function countOf(counts: CountAnswer['counts'], now: number): QueueCount {
  const of = (wanted: QueueState): number => counts.find(([, state]) => state === wanted)?.[2] ?? 0;
  const oldest = counts.flatMap(([, , , oldestAt]) => (oldestAt === null ? [] : [oldestAt]));
  const byState = Object.fromEntries(queueStates.map((state) => [state, of(state)]));
  return {
    byState: byState as Record<QueueState, number>,
    oldestMs: Math.max(0, now - Math.min(now, ...oldest)),
  };
}
