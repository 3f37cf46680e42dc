import { demandOption } from '@throughline/core';

const anId = /^[1-9]\d{0,15}$/;

/**
 * Refuses what is no id of an execution.
 *
 * @param path of what is given: `cancel.executionId`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function demandExecutionId(path: string, executionId: unknown): void {
  const isId = typeof executionId === 'string' && anId.test(executionId);
  demandOption(isId, path, executionId, 'an id that invoke gave');
}
