import { noopTelemetry } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { wrapProcessor } from './wrap-processor.ts';

describe('wrapProcessor', () => {
  it.each([undefined, './resize.js', {}])(
    'refuses %o for a processor, also when telemetry is off',
    (processor) => {
      expect(() => wrapProcessor(processor as never, noopTelemetry)).toThrow(
        expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'wrapProcessor.processor' }),
      );
    },
  );
});
