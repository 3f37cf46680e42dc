/**
 * R1: telemetry never throws or rejects into user code and never changes its result.
 *
 * Generated from every hook of the port, every way in which a hook can fail, and every adapter: the host gets the very
 * result or the very error of its work, which runs exactly once; nothing is rejected that nobody listens to. What adapters
 * do while they are constructed and closed is in `packages/bullmq/test/hostile-telemetry.test.ts`, the guard itself in
 * `packages/core/src/telemetry/guarded-telemetry.test.ts`.
 */
import { noopTelemetry } from '@throughline/core';
import { createHostileTelemetry, telemetryFaults, telemetryHooks } from '@throughline/core/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { adapters, type Host } from './support/adapters.ts';
import { switchedTelemetry } from './support/switched-telemetry.ts';
import { watchUnhandledRejections } from './support/unhandled-rejections.ts';

const rejections = watchUnhandledRejections();
const result = { of: 'the host' };
const failure = new RangeError('of the host');

const works = {
  returns: () => result,
  resolves: async () => result,
  throws: () => {
    throw failure;
  },
  rejects: () => Promise.reject(failure),
};
const untouched = {
  returns: 'the result, 1 run',
  resolves: 'the result, 1 run',
  throws: 'the error, 1 run',
  rejects: 'the error, 1 run',
};

/** What the host sees of each work, and how often it ran. */
async function seenBy(host: Host): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const [name, work] of Object.entries(works)) {
    let runs = 0;
    const counted = (): unknown => {
      runs++;
      return work();
    };
    const outcome = await host.run(counted).then(
      (value) => (value === result ? 'the result' : `another result: ${String(value)}`),
      (error) => (error === failure ? 'the error' : `another error: ${String(error)}`),
    );
    seen[name] = `${outcome}, ${runs} run`;
  }
  return seen;
}

beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue());

describe.each(adapters)('work done through $name', ({ open }) => {
  const switched = switchedTelemetry();
  let host: Host;
  beforeAll(() => {
    host = open(switched.telemetry);
  });
  afterAll(() => {
    switched.use(noopTelemetry);
    return host.close();
  });

  it('comes back as it is without telemetry', async () => {
    switched.use(noopTelemetry);
    expect(await seenBy(host)).toEqual(untouched);
  });

  it.each(telemetryFaults)('comes back as it is, whichever hook of the telemetry %s', async (fault) => {
    const seen: Record<string, unknown> = {};
    for (const hook of telemetryHooks) {
      switched.use(createHostileTelemetry(hook, fault));
      seen[hook] = await seenBy(host);
    }
    expect(seen).toEqual(Object.fromEntries(telemetryHooks.map((hook) => [hook, untouched])));
    expect(host.errors()).toEqual([]);
    await rejections.expectNone();
  });
});
