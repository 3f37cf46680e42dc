import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCopier } from './copy-trace-event.ts';
import { type RedactOptions, Redactor, redactText } from './redact.ts';

function redactedData(data: object, options?: RedactOptions): unknown {
  const event = { trace_id: 'T1', span_id: 'S1', event_type: 'a:b', timestamp: '', data };
  const copy = new EventCopier(8192, new Redactor(options)).copy(event);
  return typeof copy === 'string' ? copy : copy.data;
}

describe('Redactor', () => {
  it.each([
    'password',
    'userPassword',
    'db.passwd',
    'PASSWORD_HASH',
    'secret',
    'clientSecret',
    'token',
    'accessToken',
    'refresh_token',
    'id-token',
    'Authorization',
    'http.request.header.authorization',
    'cookie',
    'Set-Cookie',
    'card',
    'cardNumber',
    'credit_card',
    'creditcard',
    'cvv',
    'apiKey',
    'X-Api-Key',
    'privateKey',
    'credentials',
    'ssn',
    'jwt',
    'auth',
  ])('masks %s', (key) => {
    expect(redactedData({ [key]: 'canary' })).toEqual({ [key]: '[redacted]' });
  });

  it.each([
    'orderId',
    'maxTokens',
    'prompt_tokens',
    'tokenCount',
    'discarded',
    'cardinality',
    'compass',
    'author',
    'authMethod',
    'spinner',
    'messaging.destination.name',
  ])('keeps %s', (key) => {
    expect(redactedData({ [key]: 'kept' })).toEqual({ [key]: 'kept' });
  });

  it('masks values of any type, at any depth', () => {
    expect(redactedData({ attributes: { list: [{ pin: 1234, token: { raw: 'canary' } }] } })).toEqual({
      attributes: { list: [{ pin: '[redacted]', token: '[redacted]' }] },
    });
  });

  it('tells that there is nothing', () => {
    expect(redactedData({ token: null })).toEqual({ token: null });
  });

  it('masks further names without regard to case', () => {
    expect(redactedData({ Patient: 'canary' }, { mask: ['patient'] })).toEqual({ Patient: '[redacted]' });
  });

  it('keeps allowed names', () => {
    expect(redactedData({ tokenId: 'kept' }, { allow: ['tokenid'] })).toEqual({ tokenId: 'kept' });
  });

  it('finds credentials in texts under harmless names', () => {
    expect(redactedData({ note: 'sent Bearer abc.def-123 to https://u:p@h/x' })).toEqual({
      note: 'sent Bearer [redacted] to https://[redacted]@h/x',
    });
  });

  it('finds credentials in names, too', () => {
    expect(redactedData({ 'postgres://app:hunter2@db': 1, deep: [{ 'https://u:p@h': 2 }] })).toEqual({
      'postgres://[redacted]@db': 1,
      deep: [{ 'https://[redacted]@h': 2 }],
    });
  });

  it('finds credentials in raw header pairs', () => {
    expect(redactedData({ headers: ['Authorization', 'Basic dXNlcjpwYXNz'] })).toEqual({
      headers: ['Authorization', 'Basic [redacted]'],
    });
  });

  it.each([
    ['GET https://u:hunter2@h/x:started', 'GET https://[redacted]@h/x:started'],
    ['GET /x?token=hunter2:completed', 'GET /x?token=[redacted]:completed'],
    ['redis://:hunter2@h', 'redis://[redacted]@h'],
    ['stage:token:mint:started', 'stage:token:mint:started'],
    ['secret:rotated', 'secret:rotated'],
  ])('stores the event type %s as %s', (event_type, stored) => {
    expect(new Redactor().eventType(event_type)).toBe(stored);
  });

  it('keeps its memory when a program makes up keys', () => {
    const redactor = new Redactor();
    for (let i = 0; i < 10_000; i++) redactor.rule(`key${i}`);
    expect(redactor.rule('token').isMasked).toBe(true);
  });
});

describe('redactText', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['postgres://app:hunter2@db/shop', 'postgres://[redacted]@db/shop'],
    ['redis://:hunter2@cache:6379', 'redis://[redacted]@cache:6379'],
    ['redis://:hun@ter2@cache:6379', 'redis://[redacted]@cache:6379'],
    ['rejected Basic dXNlcjpwYXNz', 'rejected Basic [redacted]'],
    ['Basic authentication failed', 'Basic authentication failed'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [redacted]'],
    ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [redacted]'],
    ['jwt eyJhbGciOi.eyJzdWIiOi.SflKxw invalid', 'jwt [redacted] invalid'],
    ['GET /x?token=abc&page=2', 'GET /x?token=[redacted]&page=2'],
    ['{"password": "hunter2", "user": "ann"}', '{"password": "[redacted]", "user": "ann"}'],
    ['Server=db;Password=hunter2;Port=1', 'Server=db;Password=[redacted];Port=1'],
    ['mail ann@example.com about bearer of news', 'mail ann@example.com about bearer of news'],
  ])('turns %s into %s', (text, masked) => {
    expect(redactText(text)).toBe(masked);
  });

  it('changes nothing the second time', () => {
    const piece = fc.constantFrom(
      'Bearer abcdef12',
      '://a:b@',
      'token=',
      'Basic aB3456',
      'eyJa.b.c',
      ' ',
      'x',
      '"',
      ':',
      '[redacted]',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const once = redactText(pieces.join(''));
        expect(redactText(once)).toBe(once);
      }),
    );
  });

  it.each([
    'eyJ',
    'eyJ-',
    'eyJ.',
    '://',
    'bearer ',
    'basic ',
    'basic a',
    'basic aaaaaaa ',
    'token',
    'token ',
    'token: ',
    'a@',
    'password=',
    'authorization: basic ',
  ])('takes time linear in the length of a text made of %j', (piece) => {
    // A pattern that backtracks would take minutes here, and the test would hit its limit.
    expect(redactText(piece.repeat(2_000_000 / piece.length)).length).toBeGreaterThan(0);
  });
});
