export type { TestClock, TestClockOptions } from './test-clock.ts';
export { createTestClock } from './test-clock.ts';
