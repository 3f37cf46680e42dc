/** An object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const snakeNames = new Map<string, string>();

/**
 * A field of OTLP/JSON by its name in camelCase; where there is none, by the name of the proto in snake_case, which some
 * producers write. `null` counts as absent, as in the JSON mapping of protocol buffers.
 *
 * @param name one of the names of the proto: they are remembered
 */
export function field(owner: Fields, name: string): unknown {
  if (Object.hasOwn(owner, name)) return owner[name] ?? undefined;
  let snakeName = snakeNames.get(name);
  if (snakeName === undefined) {
    snakeName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snakeName);
  }
  return snakeName !== name && Object.hasOwn(owner, snakeName) ? (owner[snakeName] ?? undefined) : undefined;
}

/** What a field holds when it is text. */
export function textField(owner: Fields, name: string): string {
  const value = field(owner, name);
  return typeof value === 'string' ? value : '';
}
