/** Workers that `observeWorker` listens to, of all copies of this package. */
const key: unique symbol = Symbol.for('throughline.bullmq.observed.v1') as never;
const shared = globalThis as { [key]?: WeakSet<object> };
shared[key] ??= new WeakSet();

export const observedWorkers: WeakSet<object> = shared[key];
