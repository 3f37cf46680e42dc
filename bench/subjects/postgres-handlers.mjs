import { setTimeout as delay } from 'node:timers/promises';

/**
 * The handlers of one drain: the first begins its clock.
 *
 * @param {number} count how many there will be
 * @param {import('./postgres-drain.mjs').Clock} clock
 */
export function countedHandlers(count, clock) {
  let started = 0;
  /** @type {() => void} */
  let resolve = () => {};
  const all = new Promise((done) => {
    resolve = () => done(undefined);
  });
  return {
    started() {
      started += 1;
      if (started === 1) clock.begin();
      if (started === count) resolve();
    },
    /**
     * Ends the clock when the database shows nothing unsettled: that the handlers are done is not enough.
     *
     * @param {() => Promise<number>} unsettled
     */
    async settled(unsettled) {
      await all;
      while ((await unsettled()) > 0) await delay(1);
      clock.end();
    },
  };
}
