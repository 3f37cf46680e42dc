const WARM_UP = 200_000;
const MEASURED = 1_000_000;

/**
 * A subject that takes headers in and writes a carrier out, a million times, and checks that something came out.
 *
 * @param {readonly Record<string, string>[]} headers
 * @param {(headers: Record<string, string>) => string | undefined} roundTrip
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function roundTrips(headers, roundTrip) {
  /** @param {number} count */
  const repeat = (count) => {
    let length = 0;
    for (let index = 0; index < count; index += 1) {
      length += roundTrip(headers[index % headers.length] ?? {})?.length ?? 0;
    }
    if (length !== count * 55) throw new Error(`A round trip lost its traceparent: ${length}`);
    return count;
  };
  return { warmUp: () => repeat(WARM_UP), run: () => repeat(MEASURED) };
}
