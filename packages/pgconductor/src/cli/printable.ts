/** Escape sequences, control characters but the line feed, and what turns the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
const hostile = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of others, as a terminal may show it: names and messages may hold anything. */
export function printable(text: string): string {
  return text.replace(hostile, '\ufffd');
}
