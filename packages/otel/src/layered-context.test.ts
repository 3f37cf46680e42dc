import { type Context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LayeredContext, layered } from './layered-context.ts';

const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map(createContextKey);
const spanOf = (spanId: string) =>
  trace.wrapSpanContext({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId, traceFlags: 1 });

const change = fc.record({
  key: fc.constantFrom(...keys),
  value: fc.option(fc.integer(), { nil: undefined }),
});

function apply(base: Context, changes: readonly { key: symbol; value: number | undefined }[]): Context {
  return changes.reduce(
    (context, { key, value }) =>
      value === undefined ? context.deleteValue(key) : context.setValue(key, value),
    base,
  );
}

describe('layered', () => {
  it('piles nothing up where work starts the work after it', () => {
    let context: Context = ROOT_CONTEXT;
    for (let work = 0; work < 20_000; work += 1)
      context = trace.setSpan(layered(context), spanOf(String(work).padStart(16, '0')));

    expect(context.getValue(createContextKey('unknown'))).toBeUndefined();
    expect(trace.getSpanContext(context)?.spanId).toBe('0000000000019999');
  });

  it('piles nothing up between two copies of the package', async () => {
    vi.resetModules();
    const { layered: layeredByAnother } = await import('./layered-context.ts');
    expect(layeredByAnother).not.toBe(layered);
    const context = layered(ROOT_CONTEXT);

    expect(layeredByAnother(context)).toBe(context);
  });

  it('is flattened where another library sets an entry in between, each time', () => {
    const [key = createContextKey('a')] = keys;
    let context: Context = ROOT_CONTEXT;
    for (let work = 0; work < 20_000; work += 1)
      context = trace.setSpan(layered(context.setValue(key, work)), spanOf('b7ad6b7169203331'));

    expect(context.getValue(createContextKey('unknown'))).toBeUndefined();
    expect(context.getValue(key)).toBe(19_999);
  });
});

describe('LayeredContext', () => {
  it('answers like the context of the API, whatever is set and deleted in it and below it', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change, { maxLength: 40 }), (below, above) => {
        const theirs = apply(apply(ROOT_CONTEXT, below), above);
        const ours = apply(new LayeredContext(apply(ROOT_CONTEXT, below)), above);

        expect(keys.map((key) => ours.getValue(key))).toEqual(keys.map((key) => theirs.getValue(key)));
      }),
    );
  });

  it('never changes: each change is a context of its own', () => {
    const [key = createContextKey('a')] = keys;
    const first = new LayeredContext(ROOT_CONTEXT).setValue(key, 1);
    first.setValue(key, 2);

    expect(first.getValue(key)).toBe(1);
  });

  it('takes spans by the API’s own functions', () => {
    const inner = spanOf('00f067aa0ba902b7');
    const context = trace.setSpan(
      trace.setSpan(new LayeredContext(ROOT_CONTEXT), spanOf('b7ad6b7169203331')),
      inner,
    );

    expect(trace.getSpan(context)).toBe(inner);
    expect(trace.getSpan(trace.deleteSpan(context))).toBeUndefined();
  });
});
