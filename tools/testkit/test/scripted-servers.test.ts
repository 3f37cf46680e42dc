import type { TraceEvent } from '@throughline/core/events';
import { afterEach, describe, expect, it } from 'vitest';
import { inTurn, type ScriptedAnswer, startOtlpReceiver, startScriptedStore } from '../src/index.ts';

const event: TraceEvent = {
  trace_id: 'T1',
  span_id: 'S1',
  event_type: 'a:progress',
  timestamp: '2026-01-31T12:00:00Z',
};
const span = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] };

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

function post(url: string, body: unknown, timeoutMs = 5_000): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

async function storeThatAnswers(...answers: ScriptedAnswer[]) {
  const store = await startScriptedStore({ answer: inTurn(answers) });
  stop = store.stop;
  return { ...store, send: (timeoutMs?: number) => post(`${store.url}/events`, [event], timeoutMs) };
}

describe('a scripted store', () => {
  it('stores, and tells what it stored', async () => {
    const store = await storeThatAnswers();
    expect(await (await store.send()).json()).toEqual({ stored: 1, duplicates: 0, rejected: 0 });
    expect(await (await store.send()).json()).toEqual({ stored: 0, duplicates: 1, rejected: 0 });
    expect(store.requests().map(({ events }) => events)).toEqual([[event], [event]]);
  });

  it('answers in turn, and stores nothing of what it refuses', async () => {
    const store = await storeThatAnswers({ status: 429, retryAfter: '2' }, 413, 400);
    const answers = [await store.send(), await store.send(), await store.send()];
    expect(answers.map(({ status }) => status)).toEqual([429, 413, 400]);
    expect(answers[0]?.headers.get('retry-after')).toBe('2');
    expect(await store.stored.getTrace('T1')).toEqual([]);
    expect((await store.send()).status).toBe(200);
  });

  it.each(['cut', 'garbage'] as const)('fails the request when it says %s', async (answer) => {
    const store = await storeThatAnswers(answer);
    await expect(store.send()).rejects.toThrow('fetch failed');
    expect(await store.stored.getTrace('T1')).toEqual([]);
  });

  it('never answers when it hangs', async () => {
    const store = await storeThatAnswers('hang');
    await expect(store.send(50)).rejects.toThrow(/timeout|aborted/);
  });

  it('has stored what it cut after the commit', async () => {
    const store = await storeThatAnswers('commit then cut');
    await expect(store.send()).rejects.toThrow('fetch failed');
    expect(await store.stored.getTrace('T1')).toHaveLength(1);
  });
});

describe('an OTLP receiver with a script', () => {
  it('answers in turn, then as ever', async () => {
    const receiver = await startOtlpReceiver({
      refuse: inTurn([{ status: 503, retryAfter: '1' }, 'cut', 'commit then cut', 'garbage'] as const),
    });
    stop = receiver.stop;
    const send = () =>
      post(`${receiver.url}/v1/traces`, span).then(
        ({ status, headers }) => `${status} ${headers.get('retry-after')}`,
        (error: Error) => error.message,
      );
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await send());
    expect(answers).toEqual(['503 1', 'fetch failed', 'fetch failed', 'fetch failed', '200 null']);
    expect(receiver.spans()).toHaveLength(2);
    expect(receiver.requests()).toHaveLength(5);
  });
});
