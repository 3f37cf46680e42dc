import { describeValue } from './describe-value.ts';
import { ThroughlineError } from './throughline-error.ts';

/** An option has a value that cannot be meant. Thrown at construction. Code `THROUGHLINE_OPTION_INVALID`. */
export class OptionInvalidError extends ThroughlineError {
  /** Dotted path of the option, `EventWriter.maxEvents`. */
  readonly option: string;

  /**
   * @param option dotted path of the option
   * @param received what was given
   * @param expected what to give instead, as a phrase: `a positive integer`
   */
  constructor(option: string, received: unknown, expected: string) {
    super('THROUGHLINE_OPTION_INVALID', `${option} is ${describeValue(received)}; give ${expected}.`);
    this.option = option;
  }
}
