import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../src/index.ts';
import { rpcStatus } from '../src/otlp/otlp-schema.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';
const MAX_BYTES = 100_000;

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver({ maxBytes: MAX_BYTES });
});
afterEach(() => receiver.stop());

function post(
  body: string | Uint8Array<ArrayBuffer>,
  { path = '/v1/traces', ...headers }: { path?: string; [header: string]: string } = {},
): Promise<Response> {
  return fetch(`${receiver.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, ...headers },
    body,
  });
}

function span(fields: object): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [fields] }] }] });
}

function nested(depth: number): object {
  let value: object = { stringValue: 'deep' };
  for (let level = 0; level < depth; level += 1) value = { arrayValue: { values: [value] } };
  return { attributes: [{ key: 'nested', value }] };
}

describe('an answer of the OTLP receiver', () => {
  it.each(['/v1/traces', '/v1/metrics', '/v1/logs'])('is 200 and {} for JSON on %s', async (path) => {
    const response = await post('{}', { path });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(JSON_TYPE);
    expect(await response.json()).toEqual({});
  });

  it('is 200 and an empty message for protobuf', async () => {
    const response = await post(new Uint8Array(), { 'content-type': PROTOBUF_TYPE });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(PROTOBUF_TYPE);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it('ignores fields that it does not know and parameters of the content type', async () => {
    const body = span({ name: 'a', shape: 'round', __proto__: null });
    const response = await post(body, { 'content-type': 'application/json; charset=utf-8' });
    expect(response.status).toBe(200);
    expect(receiver.spans()[0]?.name).toBe('a');
  });

  it('takes numbers for 64-bit integers, and null for absent', async () => {
    const response = await post(
      span({ startTimeUnixNano: 1_000_000, parentSpanId: null, endTimeUnixNano: '2000000' }),
    );
    expect(response.status).toBe(200);
    expect(receiver.spans()[0]).toMatchObject({ startTime: 1, endTime: 2, parentSpanId: undefined });
  });

  it.each([
    ['text that is not JSON', '{'],
    ['an array', '[]'],
    ['an object where a list belongs', '{"resourceSpans":{}}'],
    ['an id that is not hex', span({ traceId: 'zz' })],
    ['an id that is too short', span({ traceId: 'abcd' })],
    ['an enum by name', span({ kind: 'SPAN_KIND_CLIENT' })],
    ['a name that is a number', span({ name: 7 })],
    ['a time that is no integer', span({ startTimeUnixNano: 'soon' })],
    ['values nested 1000 deep', span(nested(1_000))],
  ])('is 400 with a google.rpc.Status for %s', async (_what, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code: 3,
      message: expect.stringContaining('not an export request'),
    });
    expect(receiver.requests()).toEqual([]);
  });

  it('is 400 with a protobuf google.rpc.Status for a cut protobuf body', async () => {
    const response = await post(new Uint8Array([0x0a, 0xff, 0x01]), { 'content-type': PROTOBUF_TYPE });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe(PROTOBUF_TYPE);
    const status = rpcStatus.toObject(rpcStatus.decode(new Uint8Array(await response.arrayBuffer())));
    expect(status).toEqual({ code: 3, message: expect.stringContaining('not an export request') });
  });

  it('is 400 for a body that claims to be gzip', async () => {
    expect((await post('{}', { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  it.each([
    ['an unknown content type', { 'content-type': 'text/plain' }],
    ['an unknown content encoding', { 'content-encoding': 'br' }],
  ])('is 415 for %s', async (_what, headers) => {
    expect((await post('{}', headers)).status).toBe(415);
  });

  it.each(['/', '/v1/profiles', '/v1/traces/', '/__proto__'])('is 404 for %s', async (path) => {
    expect((await post('{}', { path })).status).toBe(404);
  });

  it('is 405 with the allowed method for GET', async () => {
    const response = await fetch(`${receiver.url}/v1/traces`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('is 413 for a body above the cap', async () => {
    const response = await post(span({ name: 'x'.repeat(MAX_BYTES) }));
    expect(response.status).toBe(413);
  });

  it('is 413 for a small body that gunzips above the cap', async () => {
    const body = new Uint8Array(gzipSync(span({ name: 'x'.repeat(MAX_BYTES) })));
    expect(body.length).toBeLessThan(1_000);
    expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  it('is what refuse says, and then nothing is kept as spans', async () => {
    const busy = await startOtlpReceiver({ refuse: ({ signal }) => (signal === 'traces' ? 503 : undefined) });
    const headers = { 'content-type': JSON_TYPE };
    const refused = await fetch(`${busy.url}/v1/traces`, {
      method: 'POST',
      headers,
      body: span({ name: 'a' }),
    });
    const taken = await fetch(`${busy.url}/v1/logs`, { method: 'POST', headers, body: '{}' });
    expect([refused.status, taken.status]).toEqual([503, 200]);
    expect(busy.spans()).toEqual([]);
    expect(busy.requests()).toHaveLength(2);
    await busy.stop();
  });
});

describe('OtlpReceiver.stop', () => {
  it('frees the port and may be called again', async () => {
    await receiver.stop();
    await receiver.stop();
    await expect(post('{}')).rejects.toThrow();
  });
});
