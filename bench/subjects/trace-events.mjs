/**
 * Events of one trace as a store returns them: a root, and under it jobs that are sent, started and completed.
 *
 * @param {string} subject address of the subject; `?events=N` at its end says how many
 */
export function eventCountOf(subject) {
  return Number(new URL(subject).searchParams.get('events') ?? 20);
}

/**
 * @param {number} count
 * @param {number} seed makes the ids of this trace its own
 * @returns {import('@throughline/core/events').TraceEvent[]}
 */
export function traceEvents(count, seed) {
  const traceId = id(seed, 32);
  const root = id(seed + 1, 16);
  /** @type {object[]} */
  const events = [event(traceId, root, undefined, 'saga:started', 0, seed, 0, { name: 'saga' })];
  let parent = root;
  for (let index = 1; events.length < count - 1; index += 1) {
    const send = id(seed + index * 3, 16);
    const job = id(seed + index * 3 + 1, 16);
    const work = { entity: { system: 'bullmq', queue: 'mail', name: 'send', id: String(index) } };
    const run = { ...work, attempt: 1 };
    events.push(event(traceId, send, parent, 'job:queued', index * 4, seed, index * 3, work));
    events.push(event(traceId, job, send, 'job:started', index * 4 + 1, seed, index * 3 + 1, run));
    events.push(event(traceId, job, send, 'job:completed', index * 4 + 3, seed, index * 3 + 2, run));
    parent = index % 4 === 0 ? root : job;
  }
  events.length = count - 1;
  events.push(
    event(traceId, root, undefined, 'saga:completed', count * 4, seed, count * 3, { name: 'saga' }),
  );
  return JSON.parse(JSON.stringify(events));
}

/**
 * The same with the last job failed that ended, in an otherwise good trace.
 *
 * @param {number} count
 * @param {number} seed
 * @returns {import('@throughline/core/events').TraceEvent[]}
 */
export function failedTraceEvents(count, seed) {
  const events = traceEvents(count, seed);
  const last = events.findLastIndex(({ event_type }) => event_type === 'job:completed');
  const error = { type: 'InsufficientFundsError', message: 'Insufficient funds' };
  return events.map((event, position) =>
    position === last
      ? { ...event, event_type: 'job:failed', status: 'failed', data: { ...event.data, error } }
      : event,
  );
}

const EPOCH = Date.UTC(2026, 0, 31, 12);

/**
 * @param {string} traceId @param {string} spanId @param {string | undefined} parent @param {string} type
 * @param {number} atMs @param {number} seed @param {number} seq @param {object} data
 */
function event(traceId, spanId, parent, type, atMs, seed, seq, data) {
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: parent,
    event_type: type,
    timestamp: `${new Date(EPOCH + atMs).toISOString().slice(0, -1)}000Z`,
    status: type.endsWith(':completed') ? 'success' : undefined,
    data,
    event_id: `${id(seed, 16)}-${seq.toString(36)}`,
    source: 'host:1:boot',
    seq,
  };
}

/** @param {number} seed @param {number} digits */
function id(seed, digits) {
  let text = '';
  for (let value = (seed + 11) * 2654435761; text.length < digits; value = (value * 48271) % 2147483647) {
    text += (value % 65536).toString(16).padStart(4, '0');
  }
  return text.slice(0, digits);
}
