import { jsonBytes, wellFormed } from './json-text.ts';
import { longestKey, Memo } from './memo.ts';

/** What is masked besides the default names, and which of those are not. */
export interface RedactOptions {
  /** Names that are never masked, compared without regard to case: `['tokenId']`. */
  readonly allow?: readonly string[] | undefined;
  /** Further names to mask, compared without regard to case: `['iban']`. */
  readonly mask?: readonly string[] | undefined;
}

/** How a key is written, decided once per name. */
export interface KeyRule {
  readonly isMasked: boolean;
  /** The key as it is written; `undefined` when it must not be. */
  readonly key: string | undefined;
  /** Bytes of `"key":,` in JSON. */
  readonly bytes: number;
}

/** What stands in for a masked value. */
export const redacted = '[redacted]';

const secretName =
  /passw|passphrase|(^|_)pwd|secret|credential|authori[sz]ation|cookie|(api|access|private|signing|encryption)_?key|token(?!s|_(count|type|limit|usage))|(^|_)(auth|pin)$|(^|_)(jwt|bearer|otp|cvv|cvc|ssn|iban|card)(_|$)|credit_?card|card_?n/;

/*
 * Linear on any input: each pattern starts at a literal and runs over one class of characters that cannot hold that
 * start again, so no part of the text is scanned twice.
 */
/** What the patterns below need. Names of queues have colons, too, so a colon alone is not enough. */
const suspicious =
  /:\/\/|bearer |basic |eyJ|(?:passwo?r?d|passphrase|pwd|secret|token|key|authorization|cookie)["']? ?[:=]/i;
const bearer = /(bearer) +[\w.~+/=-]{6,}/gi;
/** Base64 that is no word: with a digit, padding, or a capital after a small letter. */
const basic = /([Bb]asic) +(?=[A-Za-z+/]*(?:[\d=]|[a-z][A-Z]))[\w+/]{6,}=*/g;
const jsonWebToken = /(?<![\w-])eyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g;
/** Up to the last `@` before the path: many a password holds one. */
const userinfo = /:\/\/[^\s/?#]*@/g;
const assignment =
  /(passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|authorization|cookie)(["']? ?[:=] ?["']?(?!(?:basic |bearer )?\[redacted)(?:basic |bearer )?)[^\s"',;&]+/gi;

/**
 * Masks what looks like a credential in free text, an error message for example: bearer tokens, basic credentials, JSON
 * Web Tokens, the userinfo of URLs, and the values of `password=…`, `token: …` and their like.
 *
 * Takes time linear in the length of the text.
 *
 * @example
 * ```ts
 * import { redactText } from '@throughline/core/events';
 *
 * redactText('connect postgres://app:hunter2@db/shop failed'); // 'connect postgres://[redacted]@db/shop failed'
 * ```
 */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replace(bearer, `$1 ${redacted}`)
    .replace(basic, `$1 ${redacted}`)
    .replace(jsonWebToken, redacted)
    .replace(userinfo, `://${redacted}@`)
    .replace(assignment, `$1$2${redacted}`);
}

/** Decides by name what is masked, and masks credentials in texts. `false` lets everything pass. */
export class Redactor {
  readonly #isOff: boolean;
  readonly #allowed: ReadonlySet<string>;
  readonly #masked: ReadonlySet<string>;
  readonly #rules = new Memo<KeyRule>((key) => this.#decide(key));

  constructor(options: RedactOptions | false = {}) {
    const { allow = [], mask = [] } = options || {};
    this.#isOff = options === false;
    this.#allowed = new Set(allow.map((name) => name.toLowerCase()));
    this.#masked = new Set(mask.map((name) => name.toLowerCase()));
  }

  text(text: string): string {
    return this.#isOff ? text : redactText(text);
  }

  /** A span may be named after a URL, and its events after the span. The phase stays, and so do plain words. */
  eventType(type: string): string {
    if (!/[\s=@]/.test(type)) return type;
    const [phase = ''] = /:\w*$/.exec(type) ?? [];
    return this.text(type.slice(0, type.length - phase.length)) + phase;
  }

  rule(key: string): KeyRule {
    return this.#rules.of(key);
  }

  #decide(key: string): KeyRule {
    // `__proto__` as an own key would change the prototype of whoever copies the event by assignment.
    const isWritten = key !== '__proto__' && key.length <= longestKey;
    const written = isWritten ? this.text(wellFormed(key)) : undefined;
    return { isMasked: isWritten && this.#isMasked(key), key: written, bytes: jsonBytes(written ?? '') + 2 };
  }

  #isMasked(key: string): boolean {
    const name = key.toLowerCase();
    if (this.#isOff || this.#allowed.has(name)) return false;
    return this.#masked.has(name) || secretName.test(wordsOf(key));
  }
}

/** `X-Api-Key`, `xApiKey`, `x.api.key` → `x_api_key`. */
function wordsOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]/g, '_')
    .toLowerCase();
}
