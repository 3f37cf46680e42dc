import { createTraceContext, extractTraceContext, noopTelemetry } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { bullmqCarrier } from './bullmq-carrier.ts';

describe('bullmqCarrier', () => {
  it('is a job option that names the context', () => {
    const { traceId, spanId } = createTraceContext();

    const { metadata } = bullmqCarrier({ traceId, spanId, traceFlags: 1 });

    expect(extractTraceContext(metadata)).toMatchObject({ traceId, spanId, traceFlags: 1 });
  });

  it('is JSON, which every reader of the option expects', () => {
    expect(JSON.parse(bullmqCarrier(createTraceContext()).metadata)).toHaveProperty('traceparent');
  });

  it('carries nothing for the context of a telemetry that is off', () => {
    const { context } = noopTelemetry.startSpan('off');

    expect(bullmqCarrier(context)).toEqual({ metadata: '{}' });
  });

  it.each([undefined, null, 'traceparent', {}, { traceId: 7, spanId: 8 }])(
    'refuses the context %o',
    (context) => {
      expect(() => bullmqCarrier(context as never)).toThrow(
        expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'bullmqCarrier.context' }),
      );
    },
  );

  it.each([
    ['bullmqCarrier', 'link'],
    ['bullmqCarrier', null],
    ['bullmqCarrier.relation', { relation: 'child' }],
    ['bullmqCarrier.relaton', { relaton: 'link' }],
  ])('refuses %s: %o', (option, options) => {
    expect(() => bullmqCarrier(createTraceContext(), options as never)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option }),
    );
  });
});
