import { afterEach, describe, expect, it, vi } from 'vitest';
import { randomSpanId, randomTraceId } from './trace-ids.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('randomTraceId', () => {
  it('gives 32 lowercase hex digits', () => {
    expect(randomTraceId()).toMatch(/^[\da-f]{32}$/);
  });
});

describe('randomSpanId', () => {
  it('gives 16 lowercase hex digits', () => {
    expect(randomSpanId()).toMatch(/^[\da-f]{16}$/);
  });

  it('does not repeat itself, also across refills of its pool', () => {
    const ids = new Set(Array.from({ length: 10_000 }, randomSpanId));
    expect(ids.size).toBe(10_000);
  });
});

describe('the pool of random bytes', () => {
  const withBytes = async (fill: (bytes: Uint8Array, call: number) => unknown) => {
    const getRandomValues = vi.fn((bytes: Uint8Array) => {
      fill(bytes, getRandomValues.mock.calls.length);
      return bytes;
    });
    vi.stubGlobal('crypto', { getRandomValues });
    vi.resetModules();
    return { ids: await import('./trace-ids.ts'), getRandomValues };
  };

  it('asks for randomness at the first id, not when it is imported', async () => {
    const { ids, getRandomValues } = await withBytes((bytes) => bytes.fill(1));
    expect(getRandomValues).not.toHaveBeenCalled();
    ids.randomSpanId();
    expect(getRandomValues).toHaveBeenCalledOnce();
  });

  it('serves 4,096 bytes before it asks again', async () => {
    const { ids, getRandomValues } = await withBytes((bytes) => bytes.fill(1));
    for (let i = 0; i < 512; i++) ids.randomSpanId();
    expect(getRandomValues).toHaveBeenCalledOnce();
    ids.randomSpanId();
    expect(getRandomValues).toHaveBeenCalledTimes(2);
  });

  it('writes bytes in order, two digits each', async () => {
    const { ids } = await withBytes((bytes) => bytes.set(bytes.map((_, i) => i & 0xff)));
    expect(ids.randomSpanId()).toBe('0001020304050607');
    expect(ids.randomTraceId()).toBe('08090a0b0c0d0e0f1011121314151617');
  });

  it('never gives an id of zeros', async () => {
    const { ids } = await withBytes((bytes, call) => bytes.fill(call === 1 ? 0 : 0xab));
    expect(ids.randomTraceId()).toBe('ab'.repeat(16));
  });
});
