/** A value as an error message shows it: short, on one line, without the contents of objects and the users of URLs. Total. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return describeText(value.replace(/\/\/[^/]*@/g, '//…@'));
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return isArray(value) ? 'an array' : 'an object';
  return String(value);
}

function describeText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** `Array.isArray` throws for a revoked proxy. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
