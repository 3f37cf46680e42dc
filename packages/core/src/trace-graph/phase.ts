/** Phase codes. Terminal codes are ordered: the greater one decides when a span has several. */
export const free = 0;
export const queued = 1;
export const started = 2;
export const progress = 3;
export const suspended = 4;
export const retrying = 5;
export const stalled = 6;
export const completed = 7;
export const canceled = 8;
export const failed = 9;

export type PhaseCode =
  | typeof free
  | typeof queued
  | typeof started
  | typeof progress
  | typeof suspended
  | typeof retrying
  | typeof stalled
  | typeof completed
  | typeof canceled
  | typeof failed;

interface PhaseWord {
  readonly word: string;
  readonly code: PhaseCode;
}

/** Index is the length of the word, so that no text is cut out and no word needs more than three comparisons. */
const wordsByLength: readonly (readonly PhaseWord[])[] = [
  [],
  [],
  [],
  [],
  [],
  [],
  [
    { word: 'queued', code: queued },
    { word: 'failed', code: failed },
  ],
  [
    { word: 'started', code: started },
    { word: 'stalled', code: stalled },
  ],
  [
    { word: 'progress', code: progress },
    { word: 'retrying', code: retrying },
    { word: 'canceled', code: canceled },
  ],
  [
    { word: 'completed', code: completed },
    { word: 'suspended', code: suspended },
  ],
];
const colon = 58;

/** The phase of an `event_type`; every word without a fixed meaning is {@link free}. */
export function phaseOf(eventType: string): PhaseCode {
  const end = eventType.length - 1;
  return (
    (eventType.charCodeAt(end - 7) === colon && wordOf(7, eventType)) ||
    (eventType.charCodeAt(end - 9) === colon && wordOf(9, eventType)) ||
    (eventType.charCodeAt(end - 6) === colon && wordOf(6, eventType)) ||
    (eventType.charCodeAt(end - 8) === colon && wordOf(8, eventType)) ||
    free
  );
}

function wordOf(length: number, eventType: string): PhaseCode {
  const words = wordsByLength[length] ?? [];
  for (let i = 0; i < words.length; i++) {
    const { word, code } = words[i] as PhaseWord;
    if (eventType.endsWith(word)) return code;
  }
  return free;
}

/** Whether the phase ends its span. */
export function isTerminal(phase: PhaseCode): boolean {
  return phase >= suspended;
}

/** Whether the phase ends the work for good; two different ones contradict each other. */
export function isFinal(phase: PhaseCode): boolean {
  return phase >= completed;
}

/** `queued` before `started` before everything in between before the end. */
export function phaseRank(phase: PhaseCode): number {
  if (isTerminal(phase)) return 3;
  return phase === queued ? 0 : phase === started ? 1 : 2;
}
