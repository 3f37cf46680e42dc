import { ThroughlineError } from './throughline-error.ts';

/** What was given as telemetry cannot be meant. Thrown at construction. Code `THROUGHLINE_TELEMETRY_INVALID`. */
export class TelemetryInvalidError extends ThroughlineError {
  /** Dotted path of what is wrong: `telemetry`, `telemetry.startSpan`. */
  readonly path: string;

  /**
   * @param path dotted path of what is wrong
   * @param problem what is wrong with it, as a clause
   * @param expected what to give instead, as a phrase
   */
  constructor(path: string, problem: string, expected: string) {
    super('THROUGHLINE_TELEMETRY_INVALID', `${path} ${problem}; give ${expected}.`);
    this.path = path;
  }
}
