import { isTlsFailure } from './unavailable-reason.ts';

/**
 * What an error of the driver says about its statement.
 *
 * - `unsent`: it never reached the server, or was not let in.
 * - `undone`: the server rolled it back, and it may be sent again.
 * - `unknown`: the connection broke, and it may have taken effect.
 * - `final`: sending it again would fail again.
 */
export type FailureKind = 'unsent' | 'undone' | 'unknown' | 'final';

const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'CONNECT_TIMEOUT',
  'ENETUNREACH',
  'ENOENT',
]);
const broken = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'NO_ANSWER',
]);
/** Serialisation failure, deadlock, lock not available, too many connections, the server starts or shuts down. */
const undone = new Set(['40001', '40P01', '55P03', '53300', '57P03', '25P04']);
/** The administrator ended the connection, the server crashed or stops. */
const ended = new Set(['57P01', '57P02', '57P05']);

const notAuthorized = '28';
const unknownDatabase = '3D000';
/** No such schema, table or function. */
const missing = new Set(['3F000', '42P01', '42883']);

/** @see {@link https://www.postgresql.org/docs/current/errcodes-appendix.html | PostgreSQL: Error Codes} */
export function failureKind(error: unknown): FailureKind {
  const code = codeOf(error);
  if (unsent.has(code) || code === unknownDatabase || code.startsWith(notAuthorized)) return 'unsent';
  if (isTlsFailure(error)) return 'unsent';
  if (undone.has(code)) return 'undone';
  if (broken.has(code) || ended.has(code) || code.startsWith('08')) return 'unknown';
  return 'final';
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

/** Whether nobody can be asked there: not reached, not let in, or no such database. */
export function isUnreachable(error: unknown): boolean {
  return isClosed(error) || failureKind(error) !== 'final';
}

/** Whether the application has ended its client: nothing will ever be sent by it again. */
export function isClosed(error: unknown): boolean {
  return codeOf(error) === 'CONNECTION_ENDED';
}

/** Whether the schema is not there, or not up to date. */
export function isSchemaMissing(error: unknown): boolean {
  return missing.has(codeOf(error));
}
