const maxShown = 400;

/** A text as a message shows it: long ones are cut. */
export function shown(text: string): string {
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}
