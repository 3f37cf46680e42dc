/**
 * Why a database gave no answer.
 *
 * - `login-refused`: role or password is wrong. `not-allowed`: that role may not come in from there.
 * - `tls-demanded`: not without TLS. `tls-failed`: no TLS came about, or the certificate is not trusted.
 * - `database-missing`: there is no database of that name.
 * - `connections-exhausted`: all connections of the server, the database or the role are taken.
 * - `starting`: the server starts up or shuts down.
 * - `host-unknown`, `refused`, `unreachable`: the host has no address, nothing listens there, no way leads there.
 * - `silent`: no answer in time. `broken`: the connection ended before the answer.
 * - `busy`: the statement was rolled back again and again, for others held what it needs.
 * - `closed`: the client had been ended by the application.
 */
export type UnavailableReason =
  | 'login-refused'
  | 'not-allowed'
  | 'tls-demanded'
  | 'tls-failed'
  | 'database-missing'
  | 'connections-exhausted'
  | 'starting'
  | 'host-unknown'
  | 'refused'
  | 'unreachable'
  | 'silent'
  | 'broken'
  | 'busy'
  | 'closed';

/** By code of the driver, of Node or of PostgreSQL; the others are connections that broke. */
const reasons: Readonly<Record<string, UnavailableReason>> = {
  '28P01': 'login-refused',
  '28000': 'not-allowed',
  '3D000': 'database-missing',
  '53300': 'connections-exhausted',
  '57P03': 'starting',
  '40001': 'busy',
  '40P01': 'busy',
  '55P03': 'busy',
  ENOTFOUND: 'host-unknown',
  EAI_AGAIN: 'host-unknown',
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  CONNECT_TIMEOUT: 'silent',
  ETIMEDOUT: 'silent',
  NO_ANSWER: 'silent',
  CONNECTION_ENDED: 'closed',
};

/** What servers and poolers say to whom comes without TLS, in English; in other languages it is `not-allowed`. */
const tlsDemanded = /no encryption|SSL off|(SSL|TLS)[^,]* required|insecure/i;

/** @param cause what the driver said; nothing for silence */
export function unavailableReason(cause: unknown): UnavailableReason {
  if (cause === undefined) return 'silent';
  if (isTlsFailure(cause)) return 'tls-failed';
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const reason = reasons[String(code)] ?? 'broken';
  return reason === 'not-allowed' && tlsDemanded.test(String(message)) ? 'tls-demanded' : reason;
}

const tlsFailure =
  /^ERR_TLS_|^ERR_SSL_|^EPROTO$|^CERT_|SELF_SIGNED_CERT|^UNABLE_TO_(GET|VERIFY)_|^HOSTNAME_MISMATCH$/;
const brokenHandshake = 'before secure TLS connection was established';

/** Whether no TLS came about: the server has none, or what it showed is not trusted. */
export function isTlsFailure(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return tlsFailure.test(String(code)) || String(message).includes(brokenHandshake);
}

/** For people: what happened, as the end of a sentence, and what to do. */
export const unavailableTexts: Readonly<
  Record<UnavailableReason, readonly [because: string, advice: string]>
> = {
  'login-refused': [
    'PostgreSQL refused the login',
    'The role or its password is wrong: correct the address.',
  ],
  'not-allowed': [
    'PostgreSQL does not let this role in',
    'See that the role exists and may log in, and what pg_hba.conf of the server says about it.',
  ],
  'tls-demanded': [
    'PostgreSQL does not let this role in without TLS',
    'Put ?sslmode=require into the address (`ssl` into the options of a client of yours). If that does not help, pg_hba.conf of the server knows no such role from here.',
  ],
  'tls-failed': [
    'no TLS connection came about',
    'The server offers none, or its certificate is not trusted: see the cause, and `sslmode` of the address.',
  ],
  'database-missing': [
    'there is no database of that name',
    'Create it (createdb), or correct its name in the address; where that has none, the name of the role is taken.',
  ],
  'connections-exhausted': [
    'no connection is left for it',
    'Open fewer, ten per conductor where nothing is said, or allow more: max_connections of the server, limits of the role and of the database.',
  ],
  starting: ['PostgreSQL is starting up or shutting down', 'Try again in a moment.'],
  'host-unknown': [
    'the host is not known',
    'Correct its name in the address, or see what the name service says.',
  ],
  refused: [
    'nothing listens',
    'Start PostgreSQL, or correct host and port of the address; in a container, localhost is the container itself.',
  ],
  unreachable: ['no way leads to the host', 'See whether this machine may reach it: network, VPN, firewall.'],
  silent: [
    'nothing was heard from it in time',
    'See whether the server is up and not overloaded, and whether a firewall swallows what is sent.',
  ],
  broken: ['the connection broke', 'See whether the server is up; its log says why it ended the connection.'],
  busy: [
    'others held what it needs, each time it was tried',
    'Look for transactions that stand open for long (pg_stat_activity, pg_locks).',
  ],
  closed: [
    'its client has been ended',
    'Call `close` of the conductor, or `end` of the client, after everything else.',
  ],
};
