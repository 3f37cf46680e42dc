import { isThroughlineError } from '@throughline/core';
import { canonicalJson } from './canonical-json.ts';
import { firstDifference } from './first-difference.ts';
import { shown } from './shown.ts';
import { UnmetDemandError } from './unmet-demand-error.ts';

/**
 * @param holds what must be true
 * @param otherwise says what is wrong, as a sentence without an end
 * @throws {UnmetDemandError} when it is not
 */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new UnmetDemandError(otherwise);
}

/** Data that must be equal: plain JSON, the order of keys does not matter. */
export function demandSame(received: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [canonicalJson(received), canonicalJson(expected)];
  if (found === wanted) return;
  const message = `${what} is\n  ${shown(found)}\nand should be\n  ${shown(wanted)}`;
  const isCut = shown(found) !== found || shown(wanted) !== wanted;
  throw new UnmetDemandError(isCut ? `${message}\n${firstDifference(received, expected)}` : message);
}

/** Lists that must hold equal data, each as often, in any order. */
export function demandSameMembers(
  received: readonly unknown[],
  expected: readonly unknown[],
  what: string,
): void {
  const missing = new Map<string, number>();
  for (const text of expected.map(canonicalJson)) missing.set(text, (missing.get(text) ?? 0) + 1);
  const unexpected: string[] = [];
  for (const text of received.map(canonicalJson)) {
    const left = missing.get(text) ?? 0;
    if (left === 0) unexpected.push(text);
    else if (left === 1) missing.delete(text);
    else missing.set(text, left - 1);
  }
  const lacking = [...missing.keys()];
  if (lacking.length === 0 && unexpected.length === 0) return;
  throw new UnmetDemandError(
    `${what}: ${received.length} instead of ${expected.length};` +
      ` missing: ${listed(lacking)}; too much: ${listed(unexpected)}${changed(lacking, unexpected)}`,
  );
}

/** What became of an event that is there, but not as it should be. */
function changed(lacking: readonly string[], unexpected: readonly string[]): string {
  const wanted = lacking.map(eventOf).find((event) => event?.event_id !== undefined);
  if (wanted === undefined) return '';
  const found = unexpected.map(eventOf).find((event) => event?.event_id === wanted.event_id);
  return found === undefined ? '' : `\n${String(wanted.event_id)}: ${firstDifference(found, wanted)}`;
}

function eventOf(text: string): { readonly event_id?: unknown } | undefined {
  return text.startsWith('{') ? JSON.parse(text) : undefined;
}

/** @returns the error with which `call` threw or rejected, which must have this code */
export async function demandRejection(call: () => unknown, code: string, what: string): Promise<unknown> {
  const error = await rejectionOf(call);
  demand(error !== undefined, `${what} did not fail; it must fail with code ${code}`);
  demand(
    isThroughlineError(error, code),
    `${what} failed with ${describe(error)}; it must fail with code ${code}`,
  );
  return error;
}

/** What `call` threw or rejected with; `undefined` when it did neither. */
export async function rejectionOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error ?? new Error(`${error}`);
  }
}

/** An error in a few words: its code, or its name, and its message. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return shown(String(error));
  const { code } = error as { readonly code?: unknown };
  return shown(`${typeof code === 'string' ? code : error.name}: ${error.message}`);
}

function listed(texts: readonly string[]): string {
  const first = texts.slice(0, 3).map(shown).join(', ');
  return texts.length === 0 ? 'none' : `${first}${texts.length > 3 ? `, and ${texts.length - 3} more` : ''}`;
}
