import { MemoryTraceStore } from '@throughline/core/events';
import { describe, test } from 'vitest';
import { testTraceStore } from './test-trace-store.ts';

describe('MemoryTraceStore', () => {
  testTraceStore({ test, open: () => new MemoryTraceStore({ maxEvents: 10_000 }), tailLimit: 10_000 });
});
