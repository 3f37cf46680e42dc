/** JSON text with sorted keys: equal texts mean equal data. Absent and `undefined` fields are the same. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'undefined';
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Not `fromEntries` alone: a key `__proto__` is data here.
  return Object.defineProperties(
    {},
    Object.fromEntries(fields.map(([key, field]) => [key, { value: sorted(field), enumerable: true }])),
  );
}
