import { demand, describe } from './demand.ts';

type Enter = <T>(fn: () => T) => T;

/** What runs a function of the host must call it once, at once, and hand on its very result or error. */
export function demandHostResult(enter: Enter, what: string): void {
  const result = { own: 'result' };
  let calls = 0;
  const received = enter(() => {
    calls++;
    return result;
  });
  demand(calls === 1, `${what} called its function ${calls} times before it returned`);
  demand(received === result, `${what} did not give the very result of its function`);
  const promise = Promise.resolve(1);
  demand(enter(() => promise) === promise, `${what} did not give the very promise of its function`);
  for (const error of [new Error('of the host'), 'a text', undefined]) {
    let thrown: unknown = notThrown;
    calls = 0;
    try {
      enter(() => {
        calls++;
        throw error;
      });
    } catch (caught) {
      thrown = caught;
    }
    demand(calls === 1, `${what} called a function that throws ${calls} times`);
    demand(thrown !== notThrown, `${what} swallowed the error of its function`);
    demand(thrown === error, `${what} threw ${describe(thrown)}, not the very error of its function`);
  }
}

const notThrown = Symbol('not thrown');
