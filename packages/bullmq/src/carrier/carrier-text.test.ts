import { createTraceContext, readCarrier, resolveTelemetry, w3cPropagation } from '@throughline/core';
import { createRecordingTelemetry } from '@throughline/core/testing';
import { describe, expect, it } from 'vitest';
import { carrierText } from './carrier-text.ts';

const telemetry = resolveTelemetry(createRecordingTelemetry());
const withBaggage = resolveTelemetry({
  propagation: {
    ...w3cPropagation,
    inject(context, carrier) {
      w3cPropagation.inject(context, carrier);
      carrier.baggage = 'a="1"';
    },
  },
});

describe('carrierText', () => {
  it.each([undefined, 'parent', 'link'] as const)(
    'is JSON that says the context and relation %s',
    (relation) => {
      const context = createTraceContext();

      const text = carrierText(telemetry, context, relation);

      expect(readCarrier(text)).toEqual({ context: { ...context, isRemote: true }, relation });
      expect(Object.keys(JSON.parse(text ?? ''))).toEqual(['traceparent', ...(relation ? ['relation'] : [])]);
    },
  );

  it('keeps what else the propagation wrote', () => {
    const text = carrierText(withBaggage, createTraceContext(), 'link');

    expect(JSON.parse(text ?? '')).toMatchObject({ baggage: 'a="1"', relation: 'link' });
  });
});
