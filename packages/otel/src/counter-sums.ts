import { type Attributes as ApiAttributes, context, ROOT_CONTEXT } from '@opentelemetry/api';

/** How a counter of the API is added to. */
export type Add = (value: number, attributes?: ApiAttributes) => void;

const now: Promise<void> = Promise.resolve();

/**
 * Adds up what is counted for the same attribute set in one turn of the event loop, and adds the sum once: an SDK sorts
 * and serializes the attributes of every single addition.
 *
 * The sum is handed over in the microtask after the first addition, so before any collection that begins later, and
 * before the process can end. Nothing is summed that the sum could not stand for: sets that may change (they are not
 * frozen), numbers whose sum may be rounded, and additions in a context of their own, which views may read.
 *
 * @returns throws what `add` threw when the sum of an earlier call was handed over, so that it is told to somebody
 */
export function summing(add: Add): Add {
  let summed: ApiAttributes | undefined;
  let sum = 0;
  let failure: { readonly error: unknown } | undefined;

  function begin(value: number, attributes: ApiAttributes): void {
    const previous = summed;
    const previousSum = sum;
    summed = attributes;
    sum = value;
    if (previous) add(previousSum, previous);
    else now.then(handOver);
  }

  function handOver(): void {
    const attributes = summed;
    summed = undefined;
    try {
      if (attributes) add(sum, attributes);
    } catch (error) {
      failure = { error };
    }
  }

  function tell({ error }: { readonly error: unknown }): never {
    failure = undefined;
    throw error;
  }

  return (value, attributes) => {
    if (attributes === undefined || !canBeSummed(value, attributes)) add(value, attributes);
    else if (attributes === summed && Number.isSafeInteger(sum + value)) sum += value;
    else begin(value, attributes);
    if (failure) tell(failure);
  };
}

function canBeSummed(value: number, attributes: ApiAttributes): boolean {
  return (
    value >= 0 &&
    Number.isSafeInteger(value) &&
    Object.isFrozen(attributes) &&
    context.active() === ROOT_CONTEXT
  );
}
