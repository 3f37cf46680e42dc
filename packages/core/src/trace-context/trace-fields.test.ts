import { describe, expect, it } from 'vitest';
import { traceFields } from './trace-fields.ts';

const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 3 };

describe('traceFields', () => {
  it('names the trace, the span and the flags as OpenTelemetry names them in logs', () => {
    expect(traceFields(context)).toEqual({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      trace_flags: '03',
    });
  });

  it('is empty without a context, so that it can be spread', () => {
    expect({ message: 'hello', ...traceFields(undefined) }).toEqual({ message: 'hello' });
  });
});
