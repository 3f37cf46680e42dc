import type { SchemaIssue } from './standard-schema.ts';

const maxIssues = 5;
const maxIssueLength = 190;
const maxSegments = 16;

/**
 * What is wrong with a value, for people: at most five issues with their paths, in one line of at most 1,000 characters.
 *
 * Libraries quote what they received ("Expected string but received 5"), and a payload belongs into no log: what a
 * message quotes of the value at the path of its issue is replaced by `…`.
 */
export function issuesText(issues: readonly SchemaIssue[], value: unknown): string {
  if (issues.length === 0) return 'refused without a reason';
  const told = issues.slice(0, maxIssues).map((issue) => cut(issueText(issue, value)));
  const rest = issues.length - told.length;
  return rest > 0 ? `${told.join('; ')}; and ${rest} more` : told.join('; ');
}

function issueText({ message, path = [] }: SchemaIssue, value: unknown): string {
  const keys = path
    .slice(0, maxSegments)
    .map((segment) => (typeof segment === 'object' ? segment.key : segment));
  const words = withoutValue(String(message), valueAt(value, keys)).replace(/\s+/g, ' ');
  return keys.length === 0 ? words : `${pathText(keys)}: ${words}`;
}

/** `to.address[0]` */
function pathText(keys: readonly PropertyKey[]): string {
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>(
    (owner, key) => (typeof owner === 'object' && owner !== null ? Reflect.get(owner, key) : undefined),
    value,
  );
}

/** Objects are never quoted; what is short by itself, as `true` or `5`, is replaced only where it stands alone. */
function withoutValue(message: string, value: unknown): string {
  if (typeof value === 'string') return withoutText(message, value);
  const isQuotable = typeof value === 'number' || typeof value === 'boolean';
  return isQuotable
    ? message
        .split(' ')
        .map((word) => (bare(word) === String(value) ? '…' : word))
        .join(' ')
    : message;
}

function bare(word: string): string {
  return word.replace(/^[("'`]+|[)"'`.,;:]+$/g, '');
}

function withoutText(message: string, text: string): string {
  if (text === '') return message;
  const quoted = [JSON.stringify(text), `'${text}'`, `\`${text}\``];
  const masked = quoted.reduce((words, quote) => words.replaceAll(quote, '…'), message);
  return text.length < 4 ? masked : masked.replaceAll(text, '…');
}

function cut(text: string): string {
  return text.length <= maxIssueLength ? text : `${text.slice(0, maxIssueLength - 1)}…`;
}
