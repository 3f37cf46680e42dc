/** Control characters, line separators, halves of surrogate pairs, and format characters: bidi marks among them. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;
const maxLength = 200;
const lastHalf = /[\uD800-\uDBFF]$/;

/**
 * Text from an event, fit for a terminal and for one line: what could move the cursor, change colours or turn the
 * direction of writing is replaced by a space, and what is longer than 200 characters is cut.
 */
export function plainText(text: unknown): string {
  const whole = typeof text === 'string' ? text : String(text ?? '');
  const plain = whole
    .slice(0, maxLength * 4)
    .replace(unprintable, ' ')
    .trim();
  if (plain.length <= maxLength && whole.length <= maxLength * 4) return plain;
  return `${plain.slice(0, maxLength).replace(lastHalf, '')}…`;
}
