import { describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';

/** As the driver gives it. */
function said(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

const unencrypted = 'no pg_hba.conf entry for host "10.0.0.7", user "ada", database "app", no encryption';

describe('DatabaseUnavailableError', () => {
  it.each([
    ['login-refused', said('28P01', 'password authentication failed for user "ada"')],
    ['not-allowed', said('28000', 'role "ada" is not permitted to log in')],
    ['tls-demanded', said('28000', unencrypted)],
    ['tls-demanded', said('28000', 'SSL connection is required. Please specify SSL options and retry.')],
    ['tls-failed', said('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate')],
    ['tls-failed', said('ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames")],
    [
      'tls-failed',
      said('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'),
    ],
    ['database-missing', said('3D000', 'database "ada" does not exist')],
    ['connections-exhausted', said('53300', 'too many connections for role "ada"')],
    ['starting', said('57P03', 'the database system is starting up')],
    ['host-unknown', said('ENOTFOUND', 'getaddrinfo ENOTFOUND db', { hostname: 'db' })],
    ['refused', said('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', { address: '127.0.0.1', port: 1 })],
    ['unreachable', said('EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.7:5432')],
    ['silent', said('CONNECT_TIMEOUT', 'write CONNECT_TIMEOUT db:5432')],
    ['silent', said('NO_ANSWER', 'There was no answer for 10000 ms.')],
    ['silent', undefined],
    ['broken', said('CONNECTION_CLOSED', 'write CONNECTION_CLOSED db:5432')],
    ['broken', said('ECONNRESET', 'read ECONNRESET')],
    ['broken', said('57P01', 'terminating connection due to administrator command')],
    ['busy', said('40P01', 'deadlock detected')],
    ['closed', said('CONNECTION_ENDED', 'write CONNECTION_ENDED db:5432')],
  ])('says %s, and never who asked, of %s', (reason, cause) => {
    const error = new DatabaseUnavailableError('invoke', false, cause);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(/^No answer to invoke, because .+\. .+[.)]$/);
    expect(error.message).not.toContain('ada');
    expect(error.cause).toBe(cause);
  });

  it.each([
    [{ address: '127.0.0.1', port: 5432 }, /nothing listens: 127\.0\.0\.1:5432\./],
    [{ address: '/run/postgresql/.s.PGSQL.5432' }, /nothing listens: \/run\/postgresql\/\.s\.PGSQL\.5432\./],
    [{}, /nothing listens\./],
  ])('says where, as far as %j is known', (where, expected) => {
    const cause = said('ECONNREFUSED', 'connect ECONNREFUSED', where);
    expect(new DatabaseUnavailableError('invoke', false, cause).message).toMatch(expected);
  });

  it('says where when all addresses of a host were tried', () => {
    const tried = ['::1', '127.0.0.1'].map((address) => said('ECONNREFUSED', '', { address, port: 5432 }));
    const cause = Object.assign(new AggregateError(tried), { code: 'ECONNREFUSED' });
    expect(new DatabaseUnavailableError('invoke', false, cause).message).toContain(
      'nothing listens: ::1:5432.',
    );
  });
});
