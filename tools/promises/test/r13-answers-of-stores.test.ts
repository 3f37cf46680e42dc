/**
 * R13: 429 and 503 with `Retry-After` are honoured, 413 splits a batch, 400 quarantines one event, and what is cut,
 * garbled or never answered is tried again.
 */
import { EventWriter, type EventWriterOptions, type TraceEvent } from '@throughline/core/events';
import {
  checkAccount,
  inTurn,
  type ScriptedAnswer,
  type ScriptedStore,
  type ScriptedStoreOptions,
  startScriptedStore,
  UnderWay,
  VirtualClock,
} from '@throughline/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { event, events } from './support/build-event.ts';
import { HttpTraceStore } from './support/http-trace-store.ts';

interface Scene {
  readonly server: ScriptedStore;
  readonly clock: VirtualClock;
  readonly writer: EventWriter;
  /** When each batch arrived, in virtual ms after the start. */
  readonly arrivals: number[];
}

/** A writer in virtual time, and a server in real time: the clock goes on when every request has its answer. */
async function playOver(answer: NonNullable<ScriptedStoreOptions['answer']>): Promise<Scene> {
  const start = Date.now();
  const arrivals: number[] = [];
  const server = await startScriptedStore({
    answer: (request) => {
      arrivals.push(clock.now() - start);
      return answer(request);
    },
  });
  onTestFinished(() => server.stop());
  const underWay = new UnderWay();
  const store = underWay.through(new HttpTraceStore(server.url));
  // Dates in `Retry-After` are read by the real clock: virtual time begins there.
  const clock = new VirtualClock({ now: start, underWay: () => underWay.work() });
  return { server, clock, writer: new EventWriter(store, { clock, process: false }), arrivals };
}

const tooMany = (retryAfter: string): ScriptedAnswer => ({ status: 429, retryAfter });

describe('a store that asks for patience', () => {
  it.each([429, 503])('with %s and a number of seconds is left alone for so long', async (status) => {
    const { writer, clock, arrivals } = await playOver(inTurn([{ status, retryAfter: '30' }]));
    writer.emit(event());
    await clock.advance(50);
    // Neither more events nor a flush shorten the wait.
    for (const each of events(250)) writer.emit(each);
    void writer.flush({ timeoutMs: 1000 });
    await clock.advance(60_000);
    expect(arrivals[1]).toBe(30_050);
    expect(checkAccount(writer.stats())).toMatchObject({ stored: 251, buffered: 0 });
  });

  it('with a date is left alone until then', async () => {
    const { writer, clock, arrivals } = await playOver(
      inTurn([tooMany(new Date(Date.now() + 90_000).toUTCString())]),
    );
    writer.emit(event());
    await clock.advance(200_000);
    // Dates have whole seconds.
    expect(arrivals[1]).toBeGreaterThan(85_000);
    expect(arrivals[1]).toBeLessThan(91_000);
    expect(writer.stats()).toMatchObject({ stored: 1, buffered: 0 });
  });

  it('for a year is asked again after five minutes', async () => {
    const { writer, clock, arrivals } = await playOver(inTurn([tooMany('31536000')]));
    writer.emit(event());
    await clock.advance(400_000);
    expect(arrivals[1]).toBe(300_050);
    expect(writer.stats()).toMatchObject({ stored: 1, buffered: 0 });
  });

  it.each(['soon', '', '-5', 'NaN'])(
    'in a way that says nothing, %j, is asked again soon',
    async (retryAfter) => {
      const { writer, clock, arrivals } = await playOver(inTurn([tooMany(retryAfter)]));
      writer.emit(event());
      await clock.advance(1000);
      expect(arrivals).toHaveLength(2);
      expect(writer.stats()).toMatchObject({ stored: 1, buffered: 0 });
    },
  );

  it('without saying how much is asked less and less often', async () => {
    const { writer, clock, arrivals } = await playOver(() => 503);
    writer.emit(event());
    await clock.advance(600_000);
    // 100 ms, doubled up to 30 s, each between a half and the whole of it.
    expect(arrivals.length).toBeGreaterThan(20);
    expect(arrivals.length).toBeLessThan(60);
  });
});

describe('a store that takes no more than ten events at once', () => {
  it('gets them in smaller batches, and nothing is lost', async () => {
    const { writer, clock, server } = await playOver((request) =>
      request.events.length > 10 ? 413 : undefined,
    );
    for (const each of events(300)) writer.emit(each);
    await clock.advance(60_000);
    expect(checkAccount(writer.stats())).toMatchObject({ stored: 300, rejected: 0, buffered: 0 });
    expect(await server.stored.getTrace('T1')).toHaveLength(300);
  });
});

describe('a store that answers 400 to a batch with one bad event', () => {
  it.each([0, 41, 99])('gets all others, wherever it is: %i', async (at) => {
    const isBad = ({ data }: TraceEvent): boolean => data?.bad === true;
    const { writer, clock, server } = await playOver((request) =>
      request.events.some(isBad) ? 400 : undefined,
    );
    for (let n = 0; n < 100; n++) writer.emit(event({ data: { bad: n === at } }));
    await clock.advance(60_000);
    expect(checkAccount(writer.stats())).toMatchObject({ stored: 99, rejected: 1, buffered: 0 });
    expect((await server.stored.getTrace('T1')).some(isBad)).toBe(false);
  });
});

describe('a store that breaks off', () => {
  const options: EventWriterOptions = { process: false, appendTimeoutMs: 200 };

  it.each<ScriptedAnswer>(['hang', 'cut', 'commit then cut', 'garbage', 500, 502])(
    'with %s has every event once in the end',
    async (answer) => {
      const server = await startScriptedStore({ answer: inTurn([answer, undefined, answer]) });
      onTestFinished(() => server.stop());
      const writer = new EventWriter(new HttpTraceStore(server.url), options);
      for (const each of events(250)) writer.emit(each);
      const { complete } = await writer.close({ timeoutMs: 10_000 });
      expect(complete).toBe(true);
      expect(await server.stored.getTrace('T1')).toHaveLength(250);
      const { stored, duplicates, rejected } = checkAccount(writer.stats());
      expect([stored + duplicates, rejected]).toEqual([250, 0]);
    },
  );
});
