import { noopTelemetry } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { sandboxProcessor } from './sandbox-processor.ts';

describe('sandboxProcessor', () => {
  it.each([undefined, './resize.js', {}])(
    'refuses %o for a processor, also when telemetry is off',
    (processor) => {
      expect(() => sandboxProcessor(processor as never, noopTelemetry)).toThrow(
        expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'sandboxProcessor.processor' }),
      );
    },
  );
});
