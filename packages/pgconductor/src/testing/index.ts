export type { TestClock, TestClockOptions, TestedConductor } from './test-clock.ts';
export { createTestClock } from './test-clock.ts';
