/** What is told of a call, before its caller gets to know. */
export interface CallListener {
  readonly returned?: () => void;
  readonly threw: (error: unknown) => void;
}

/** Calls once; the caller gets the very result or error. */
export function watched(call: () => unknown, { returned, threw }: CallListener): unknown {
  let result: unknown;
  let promise: Promise<unknown> | undefined;
  try {
    result = call();
    // A thenable that is no promise may do its work each time it is asked: it is asked once, here.
    if (isThenable(result)) promise = Promise.resolve(result);
  } catch (error) {
    threw(error);
    throw error;
  }
  if (promise === undefined) returned?.();
  else promise.then(returned, threw);
  return promise ?? result;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
