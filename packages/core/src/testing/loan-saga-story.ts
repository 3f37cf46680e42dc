import { formatTimestamp } from '../events/timestamp.ts';
import type { StoredEntity, TraceEvent, TraceEventData, TraceEventStatus } from '../events/trace-event.ts';

type Row = readonly [
  ms: number,
  process: string,
  span: string,
  parent: string | undefined,
  type: string,
  status: TraceEventStatus | undefined,
  data: TraceEventData,
];

const begin = Date.UTC(2026, 0, 31, 12);
const timeout = { type: 'BureauTimeoutError', message: 'The credit bureau did not answer within 2 s' };
const funds = { type: 'InsufficientFundsError', message: 'Insufficient funds' };
const decision = { decision: 'approve', confidence: 0.87, reasoning: 'Income covers 3.1 times the rate' };

const loan = job('loan', 'apply', '1', 1);
const check = job('validate', 'check', '1', 1);
const credit = job('credit', 'score', '1', 3);
const transfer = job('funding', 'transfer', '1', 1);

/**
 * A request sends the job `loan`; its worker, the orchestrator, opens a stage, sends the stage's job inside it and waits.
 * Workers of credit and funding are processes of their own. Credit needs two starts; funding fails; credit is undone.
 */
const story: readonly Row[] = [
  [
    0,
    'api',
    'send loan',
    undefined,
    'job:queued',
    'success',
    { name: 'send loan', kind: 'producer', ...loan },
  ],
  [4, 'saga', 'loan', 'send loan', 'job:started', undefined, process('loan', loan, 1)],

  [
    5,
    'saga',
    'validate',
    'loan',
    'stage:validate:started',
    undefined,
    { name: 'validate', compensation: 'none' },
  ],
  [
    6,
    'saga',
    'send check',
    'validate',
    'job:queued',
    'success',
    { name: 'send validate', kind: 'producer', ...check },
  ],
  [8, 'validate', 'check', 'send check', 'job:started', undefined, process('validate', check, 1)],
  [11, 'validate', 'check', 'send check', 'job:completed', 'success', { outcome: 'ok', final: true }],
  [12, 'saga', 'validate', 'loan', 'stage:validate:completed', 'success', { outcome: 'ok', final: true }],

  [13, 'saga', 'credit', 'loan', 'stage:credit:started', undefined, { name: 'credit' }],
  [
    14,
    'saga',
    'send score',
    'credit',
    'job:queued',
    'success',
    { name: 'send credit', kind: 'producer', ...credit },
  ],
  [17, 'credit', 'score 1', 'send score', 'job:started', undefined, process('credit', credit, 1)],
  [
    37,
    'credit',
    'score 1',
    'send score',
    'job:retrying',
    'failed',
    { outcome: 'retry', final: false, error: timeout },
  ],
  [140, 'credit', 'score 2', 'send score', 'job:started', undefined, process('credit', credit, 2, 0.1)],
  [150, 'credit', 'decision', 'score 2', 'ai:decision', 'success', { name: 'ai:decision', ...decision }],
  [152, 'credit', 'score 2', 'send score', 'job:completed', 'success', { outcome: 'ok', final: true }],
  [154, 'saga', 'credit', 'loan', 'stage:credit:completed', 'success', { outcome: 'ok', final: true }],

  [155, 'saga', 'funding', 'loan', 'stage:funding:started', undefined, { name: 'funding' }],
  [
    156,
    'saga',
    'send transfer',
    'funding',
    'job:queued',
    'success',
    { name: 'send funding', kind: 'producer', ...transfer },
  ],
  [159, 'funding', 'transfer', 'send transfer', 'job:started', undefined, process('funding', transfer, 1)],
  [
    171,
    'funding',
    'transfer',
    'send transfer',
    'job:failed',
    'failed',
    { outcome: 'error', final: true, error: funds },
  ],
  [
    173,
    'saga',
    'funding',
    'loan',
    'stage:funding:failed',
    'failed',
    { outcome: 'error', final: true, error: funds },
  ],

  [174, 'saga', 'undo credit', 'loan', 'compensate:credit:started', undefined, undo('credit')],
  [
    180,
    'saga',
    'undo credit',
    'loan',
    'compensate:credit:completed',
    'success',
    { outcome: 'ok', final: true },
  ],
  [181, 'saga', 'loan', 'send loan', 'job:completed', 'success', { outcome: 'ok', final: true }],
];

/**
 * The loan saga as event telemetry stores it over BullMQ: sends, numbered attempts, stages, a decision as a point, a
 * compensation, four sources.
 *
 * @returns fresh events in the order in which they happened
 */
export function loanSagaStory(): TraceEvent[] {
  const seqs = new Map<string, number>();
  return story.map(([ms, process, span, parent, type, status, data]) => {
    const seq = (seqs.get(process) ?? 0) + 1;
    seqs.set(process, seq);
    return {
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      span_id: idOf(span),
      ...(parent === undefined ? {} : { parent_span_id: idOf(parent) }),
      event_type: type,
      timestamp: formatTimestamp(begin + ms),
      ...(status === undefined ? {} : { status }),
      data: structuredClone(data),
      event_id: `${idOf(process)}-${seq.toString(36)}`,
      source: `${process}:1:boot`,
      seq,
    };
  });
}

/** The span id that the story uses for a span called `name`. */
export function loanSagaSpanId(name: string): string {
  return idOf(name);
}

/** FNV-1a in two halves: the same name, the same id. */
function idOf(name: string): string {
  return hash(name, 0x811c9dc5) + hash(name, 0x01000193);
}

function hash(text: string, basis: number): string {
  let value = basis;
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}

function job(
  queue: string,
  name: string,
  id: string,
  limit: number,
): { entity: StoredEntity; max_attempts: number } {
  return { entity: { system: 'bullmq', queue, name, id }, max_attempts: limit };
}

function process(
  queue: string,
  work: ReturnType<typeof job>,
  attempt: number,
  backoff?: number,
): TraceEventData {
  const attributes =
    backoff === undefined
      ? { 'throughline.wait.duration': 0.003 }
      : { 'throughline.backoff.duration': backoff };
  return { name: `process ${queue}`, kind: 'consumer', ...work, attempt, attributes };
}

function undo(name: string): TraceEventData {
  return {
    name: `compensate ${name}`,
    original_span_id: idOf(name),
    links: [{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: idOf(name), relation: 'compensates' }],
  };
}
