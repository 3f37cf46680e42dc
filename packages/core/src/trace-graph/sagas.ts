import type { FoldedSpan } from './folded-span.ts';
import { Inherited } from './inherited.ts';
import type { Judgement } from './judge.ts';
import { causeOf } from './link.ts';
import type { TraceSpan } from './trace-span.ts';

interface Place {
  /** The nearest step around a span, itself included. */
  readonly step: FoldedSpan | undefined;
  /** The parent of the topmost step: what runs the steps. */
  readonly saga: FoldedSpan | undefined;
  readonly isFailed: boolean;
  readonly isOpen: boolean;
  /** Its worker was lost, and nobody has taken it up. */
  readonly isLost: boolean;
}

const outside: Place = { step: undefined, saga: undefined, isFailed: false, isOpen: false, isLost: false };

/**
 * Which saga a step belongs to, and how that saga stands.
 *
 * A saga is what runs the steps: the parent of the topmost step. It failed when it, or something around it, or one of
 * its steps failed; while it has not completed, any failure inside it counts. So a mail that could not be sent after a
 * saga completed does not ask for its steps to be undone.
 */
export class Sagas {
  readonly #judgement: Judgement;
  readonly #places: Inherited<Place>;
  readonly #aboveFailures: ReadonlySet<FoldedSpan>;
  readonly #aboveFailedSteps: ReadonlySet<FoldedSpan>;

  constructor(judgement: Judgement) {
    this.#judgement = judgement;
    const handled = judgement.ruledOut.filter(({ reason }) => reason === 'handled');
    // Whoever caught the error of a saga did not undo its steps.
    const failures = new Set<TraceSpan>([...judgement.failures, ...handled.map(({ span }) => span)]);
    this.#aboveFailures = everythingAbove(judgement.failures);
    this.#aboveFailedSteps = everythingAbove(judgement.failures.filter(({ isStep }) => isStep));
    this.#places = new Inherited(outside, (above, span) =>
      placeBelow(span.origin === undefined ? above : outside, span, failures),
    );
  }

  /** The step that a compensation is about when it names something inside the step. */
  stepAround(span: FoldedSpan): FoldedSpan {
    return this.#places.of(span).step ?? span;
  }

  /** What runs the step. */
  of(step: FoldedSpan): FoldedSpan | undefined {
    return this.#places.of(step).saga;
  }

  hasFailed(step: FoldedSpan): boolean {
    const { saga } = this.#places.of(step);
    if (saga === undefined) return this.#judgement.outcome === 'failed';
    return (
      this.#places.of(saga).isFailed ||
      this.#aboveFailedSteps.has(saga) ||
      (saga.state !== 'completed' && this.#aboveFailures.has(saga))
    );
  }

  isOpen(step: FoldedSpan): boolean {
    const { saga } = this.#places.of(step);
    return saga === undefined ? this.#judgement.open.length > 0 : this.#places.of(saga).isOpen;
  }

  /** Whether the worker of the saga was lost and nobody has taken it up, so that it may still complete or fail. */
  isLost(step: FoldedSpan): boolean {
    const { saga } = this.#places.of(step);
    return saga !== undefined && this.#places.of(saga).isLost;
  }
}

function placeBelow(above: Place, span: FoldedSpan, failures: ReadonlySet<TraceSpan>): Place {
  // An earlier attempt stands as its work stands: what it left behind has to be undone when the last attempt failed.
  const state = span.work?.state ?? span.state;
  const isFailed = above.isFailed || failures.has(span) || (span.work !== undefined && state === 'failed');
  const isOpen = above.isOpen || state === 'open' || state === 'retrying' || state === 'suspended';
  const isLost = above.isLost || state === 'interrupted';
  const step = span.isStep ? span : above.step;
  const saga = above.step === undefined && span.isStep ? span.parent : above.saga;
  const isSame =
    isFailed === above.isFailed &&
    isOpen === above.isOpen &&
    isLost === above.isLost &&
    step === above.step &&
    saga === above.saga;
  return isSame ? above : { step, saga, isFailed, isOpen, isLost };
}

function everythingAbove(spans: readonly FoldedSpan[]): ReadonlySet<FoldedSpan> {
  const passed = new Set<FoldedSpan>();
  for (const start of spans) {
    for (let span = causeOf(start); span !== undefined && !passed.has(span); span = causeOf(span))
      passed.add(span);
  }
  return passed;
}
