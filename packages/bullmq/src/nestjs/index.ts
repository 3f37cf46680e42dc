export type { TelemetryOption, WithTelemetry } from '../settings/telemetry-option.ts';
export type { RootAsyncOptions, RootOptions, RootOptionsFactory } from './bull-module.ts';
export { BullModule } from './bull-module.ts';
