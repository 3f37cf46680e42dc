/** What 64 bits of nanoseconds can express ends in the year 2554. */
const latestNano = 2n ** 64n;

/**
 * Milliseconds since the epoch as OTLP writes them: nanoseconds as decimal digits, exact to the microsecond, which is
 * what stored events hold. What 64 bits cannot express is `0`, OTLP's word for unknown.
 */
export function formatUnixNano(epochMs: number): string {
  const micros = Math.round(epochMs * 1000);
  if (!(micros > 0)) return '0';
  const nano = BigInt(micros) * 1000n;
  return nano < latestNano ? String(nano) : '0';
}

/**
 * Reads nanoseconds since the epoch, decimal digits or a number, as milliseconds, exact to the microsecond.
 *
 * @returns `undefined` for 0, which means unknown, and for anything that is no instant
 */
export function parseUnixNano(value: unknown): number | undefined {
  if (typeof value === 'number')
    return value > 0 && value < 2 ** 64 ? Math.floor(value / 1000) / 1000 : undefined;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined;
  const nano = BigInt(value);
  return nano > 0n && nano < latestNano ? Number(nano / 1000n) / 1000 : undefined;
}
