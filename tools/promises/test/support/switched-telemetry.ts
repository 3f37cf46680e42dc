import { noopTelemetry, type Telemetry } from '@throughline/core';

/** A telemetry that is another one every time it is told to be. */
export interface SwitchedTelemetry {
  readonly telemetry: Telemetry;
  use(telemetry: Telemetry): void;
}

/** Lets one queue and one worker meet every telemetry there is, one after the other. */
export function switchedTelemetry(): SwitchedTelemetry {
  let current = noopTelemetry;
  const telemetry: Telemetry = {
    startSpan: (...args) => current.startSpan(...args),
    activeContext: () => current.activeContext(),
    withContext: (...args) => current.withContext(...args),
    propagation: {
      inject: (...args) => current.propagation.inject(...args),
      extract: (...args) => current.propagation.extract(...args),
    },
    emitEvent: (...args) => current.emitEvent(...args),
    observe: (...args) => current.observe(...args),
    isEnabled: (...args) => current.isEnabled(...args),
    importSpans: (...args) => current.importSpans?.(...args),
    flush: (...args) => current.flush(...args),
    shutdown: (...args) => current.shutdown(...args),
  };
  return {
    telemetry,
    use: (next) => {
      current = next;
    },
  };
}
