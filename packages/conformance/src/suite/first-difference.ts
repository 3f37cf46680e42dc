import { canonicalJson } from './canonical-json.ts';
import { shown } from './shown.ts';

/**
 * Where two values of JSON part, as long ones cannot be compared by eye: `data.tags.1 is "a" instead of "b"`.
 *
 * @returns `undefined` when they do not
 */
export function firstDifference(found: unknown, wanted: unknown, path = ''): string | undefined {
  const [foundText, wantedText] = [canonicalJson(found), canonicalJson(wanted)];
  if (foundText === wantedText) return undefined;
  if (isObject(found) && isObject(wanted) && Array.isArray(found) === Array.isArray(wanted)) {
    const inner = (key: string): string | undefined =>
      firstDifference(ownField(found, key), ownField(wanted, key), path === '' ? key : `${path}.${key}`);
    const keys = new Set([...Object.keys(wanted), ...Object.keys(found)]);
    return [...keys].map(inner).find((difference) => difference !== undefined);
  }
  return `${path || 'it'} is ${shown(foundText)} instead of ${shown(wantedText)}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function ownField(owner: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(owner, key)?.value;
}
