import { describeError } from '../errors/describe-error.ts';
import type { JsonObject, JsonValue } from '../telemetry/attributes.ts';
import { jsonBytes, wellFormed } from './json-text.ts';
import { type Redactor, redacted } from './redact.ts';

const maxDepth = 8;
/** With less room than this nothing but a number is begun. */
const smallest = 16;
/** Free text is looked through for secrets up to this length; what is kept of it is shorter. */
const maxScanned = 65_536;
/** Anything but ASCII without blanks, colons, equals signs and what JSON escapes: no credential is without one of these. */
const special = /[^!#-9;<>-[\]-~]/;

/**
 * Copies any value into plain JSON data, within a number of bytes.
 *
 * Total and bounded: it reads no more of the value than it can write, runs no getter outside a `try`, and never
 * returns anything with behaviour. What does not fit is cut at the end: texts, lists and objects keep what comes
 * first. Fields that throw are dropped and counted.
 */
export class JsonCopy {
  /** Bytes that may still be written. */
  left: number;
  /** Whether something was left out for want of room. */
  isCut = false;
  /** Fields that were left out because reading them threw. */
  failures = 0;
  readonly #redactor: Redactor;
  /** The objects being copied: what is in here is a cycle when met again. */
  #path: Path | undefined;

  constructor(bytes: number, redactor: Redactor) {
    this.left = bytes;
    this.#redactor = redactor;
  }

  /** @returns `undefined` for what JSON has no word for, and when there is no room */
  value(value: unknown): JsonValue | undefined {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        // `+ 0` makes 0 of -0, as JSON does.
        return Number.isFinite(value)
          ? this.#atom(value + 0, String(value).length)
          : this.text(String(value));
      case 'boolean':
        return this.#atom(value, 5);
      case 'bigint':
        return this.text(String(value));
      case 'object':
        return value === null ? this.#atom(null, 4) : this.#object(value);
      default:
        return undefined;
    }
  }

  text(text: string): string | undefined {
    const bytes = text.length + 2;
    // A JSON Web Token has nothing but plain characters.
    if (bytes > this.left || special.test(text) || text.startsWith('eyJ')) return this.#unusualText(text);
    this.left -= bytes;
    return text;
  }

  /** The own enumerable fields of `source`. */
  record(source: object): JsonObject {
    this.left -= 2;
    const copy: Record<string, JsonValue> = {};
    for (const key in source) {
      if (!Object.hasOwn(source, key)) continue;
      if (this.#isFull()) break;
      this.field(copy, key, source);
    }
    return copy;
  }

  /** Copies one field of `source` into `copy`. */
  field(copy: Record<string, JsonValue>, name: string, source: object): void {
    const { key, bytes, isMasked } = this.#redactor.rule(name);
    try {
      const value = (source as Record<string, unknown>)[name];
      if (value === undefined) return;
      if (key === undefined) {
        this.isCut = true;
        return;
      }
      this.left -= bytes;
      const written = isMasked && value !== null ? this.text(redacted) : this.value(value);
      if (written === undefined) this.left += bytes;
      else copy[key] = written;
    } catch {
      this.failures++;
    }
  }

  #atom<T extends JsonValue>(value: T, bytes: number): T | undefined {
    if (bytes > this.left) {
      this.isCut = true;
      return undefined;
    }
    this.left -= bytes;
    return value;
  }

  #isFull(): boolean {
    if (this.left > 0) return false;
    this.isCut = true;
    return true;
  }

  #unusualText(text: string): string | undefined {
    let kept = wellFormed(this.#redactor.text(text.slice(0, maxScanned)));
    let bytes = jsonBytes(kept);
    if (text.length > maxScanned || bytes > this.left) {
      this.isCut = true;
      if (this.left < smallest) return undefined;
      for (; bytes > this.left; bytes = jsonBytes(kept)) {
        kept = wellFormed(
          `${kept.slice(0, Math.max(0, Math.floor((kept.length * this.left) / bytes) - 2))}…`,
        );
      }
      // A slice keeps the whole text it was cut from alive; a parsed copy does not.
      kept = JSON.parse(JSON.stringify(kept)) as string;
    }
    this.left -= bytes;
    return kept;
  }

  #object(value: object): JsonValue | undefined {
    const outer = this.#path;
    if (isOn(outer, value)) return this.text('[circular]');
    const depth = outer === undefined ? 1 : outer.depth + 1;
    if (depth > maxDepth) return this.text('[too deep]');
    if (this.left < smallest) {
      this.isCut = true;
      return undefined;
    }
    this.#path = { value, depth, outer };
    try {
      return this.#structure(value);
    } finally {
      this.#path = outer;
    }
  }

  #structure(value: object): JsonValue | undefined {
    if (Object.getPrototypeOf(value) === Object.prototype && !('toJSON' in value)) return this.record(value);
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof Error) return this.record(describeError(value));
    if (value instanceof Map) return this.record(Object.fromEntries(first(value)));
    if (value instanceof Set) return this.#list(first(value));
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return this.text(`[${value.byteLength} bytes]`);
    const { toJSON } = value as { toJSON?: unknown };
    const json: unknown = typeof toJSON === 'function' ? toJSON.call(value) : value;
    return json === value ? this.record(value) : this.value(json);
  }

  #list(source: readonly unknown[]): JsonValue[] {
    const copy: JsonValue[] = [];
    this.left -= 2;
    for (let index = 0; index < source.length && !this.#isFull(); index++) {
      this.left -= 1;
      copy.push(this.#item(source, index));
    }
    return copy;
  }

  #item(source: readonly unknown[], index: number): JsonValue {
    try {
      const item = this.value(source[index]);
      if (item !== undefined) return item;
    } catch {
      this.failures++;
    }
    this.left -= 4;
    return null;
  }
}

/** From the innermost object out; a list of this kind takes a sixth of the memory of an array. */
interface Path {
  readonly value: object;
  readonly depth: number;
  readonly outer: Path | undefined;
}

function isOn(path: Path | undefined, value: object): boolean {
  for (let at = path; at !== undefined; at = at.outer) if (at.value === value) return true;
  return false;
}

/** As many entries as could ever fit. */
function first<T>(entries: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const entry of entries) if (taken.push(entry) >= 4096) break;
  return taken;
}
