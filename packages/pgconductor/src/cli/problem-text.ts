import { isThroughlineError } from '@throughline/core';

interface Problem {
  readonly message: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** What PostgreSQL says when the role may not do that. */
const insufficientPrivilege = '42501';

/** An error for people: what it says, its codes, and what is behind it. Names no role and no password. */
export function problemText(error: unknown): string {
  const problem = error as Problem;
  const cause = problem.cause as Problem | undefined;
  const codes = [codeOf(problem), codeOf(cause)].filter((code) => code !== undefined);
  return [
    `${problem.message}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`,
    ...(isTelling(error, cause) ? [`  ${cause?.message}`] : []),
    ...(problem.code === insufficientPrivilege ? [privileges] : []),
  ].join('\n');
}

const privileges = `  The role lacks a privilege. To migrate, it needs \`create\` on the database, or to own the schema and what is in it;
  for the rest \`usage\` on the schema and its sequences, and select, insert, update and delete on its tables.`;

function codeOf(problem: Problem | undefined): string | undefined {
  return typeof problem?.code === 'string' ? problem.code : undefined;
}

/** What the server says names roles, and our own errors have told it; what Node and the driver say names hosts. */
function isTelling(error: unknown, cause: Problem | undefined): boolean {
  const isOfServer = cause !== undefined && 'severity' in cause;
  return cause !== undefined && !isOfServer && isThroughlineError(error) && cause.message !== '';
}
