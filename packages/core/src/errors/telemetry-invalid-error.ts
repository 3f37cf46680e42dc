import { ThroughlineError } from './throughline-error.ts';

/** What was given as telemetry cannot be meant. Thrown at construction. Code `THROUGHLINE_TELEMETRY_INVALID`. */
export class TelemetryInvalidError extends ThroughlineError {
  /**
   * @param problem what was given, as a clause: `telemetry is 42`
   * @param expected what to give instead, as a phrase: `a function`
   */
  constructor(problem: string, expected: string) {
    super('THROUGHLINE_TELEMETRY_INVALID', `${problem}; give ${expected}.`);
  }
}
