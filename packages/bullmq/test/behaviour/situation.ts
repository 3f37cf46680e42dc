import type { Stage } from './stage.ts';

/** Plays one situation, and resolves when there is nothing more to come. */
export type Play = (stage: Stage) => Promise<void>;

/** Plays by the words that the page has for their situation. */
export type Plays = Readonly<Record<string, Play>>;

/** Situations that stand together on the page. */
export interface SituationGroup {
  readonly heading: string;
  readonly plays: Plays;
}
