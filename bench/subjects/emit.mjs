import { EventWriter } from '@throughline/core/events';
import { emitting } from './emit-bursts.mjs';

/** A store that takes everything at once and keeps nothing: what is measured is the writer. */
const discard = {
  capabilities: { listTraces: /** @type {const} */ (false), tail: /** @type {const} */ (false) },
  /** @param {readonly unknown[]} events */
  append: async (events) => ({ stored: events.length, duplicates: 0, rejected: [] }),
  getTrace: async () => [],
  listTraces: async () => ({ traces: [] }),
  async *tail() {},
  close: async () => {},
};

const writer = new EventWriter(discard);

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  ...emitting(
    (event) => writer.emit(event),
    () => writer.flush(),
  ),
  end: () => writer.close(),
};
