import type { TraceEvent } from '@throughline/core/events';

const explode = (): never => {
  throw new Error('thrown by what it was given');
};

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const sound = {
  trace_id: 'T1',
  span_id: 'S1',
  event_type: 'job:progress',
  timestamp: '2026-01-31T12:00:00Z',
};

/** Values that are no events, made anew at each call, as they come from code without types. */
export function noEvents(): TraceEvent[] {
  const values: unknown[] = [
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { ...sound, trace_id: undefined },
    { ...sound, span_id: '' },
    { ...sound, event_type: 5 },
    { ...sound, trace_id: 'x'.repeat(1_025) },
    Object.defineProperty({ ...sound }, 'span_id', { get: explode }),
    revoked(),
  ];
  return values as TraceEvent[];
}

/** Events whose `data` no JSON writer takes, or that are too large, made anew at each call. */
export function hostileEvents(traceId: string): TraceEvent[] {
  const circular: Record<string, unknown> = { name: 'circular' };
  circular.self = circular;
  let deep: unknown = 'bottom';
  for (let depth = 0; depth < 2_000; depth++) deep = { deep };
  const data: readonly object[] = [
    circular,
    { big: 10n ** 30n },
    { toJSON: explode },
    Object.defineProperty({ kept: 1 }, 'thrown', { get: explode, enumerable: true }),
    { deep },
    { map: new Map([['k', new Set([1])]]), date: new Date(0), symbol: Symbol('s'), fn: explode },
    { error: new Error('failed', { cause: new TypeError('because') }) },
    { text: 'x'.repeat(2_000_000) },
    { texts: Array.from({ length: 5_000 }, (_, i) => `text ${i}`) },
    { nul: 'a\u0000b', half: '\uD83D', nan: Number.NaN, undef: undefined },
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as object,
    revoked(),
  ];
  return data.map((each, i) => ({
    ...sound,
    trace_id: traceId,
    span_id: `S${i}`,
    event_id: `${traceId}/hostile-${i}`,
    data: each as NonNullable<TraceEvent['data']>,
  }));
}
