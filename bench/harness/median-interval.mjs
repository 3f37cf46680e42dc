/**
 * A median and the interval that holds the true median with at least 95 % confidence, by order statistics: no
 * assumption on the shape of the distribution.
 *
 * @typedef {{ median: number, low: number, high: number }} MedianInterval
 */

/**
 * @param {readonly number[]} values at least one
 * @returns {MedianInterval} with fewer than six values the interval is the whole range
 */
export function medianInterval(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const rank = lowerRank(n);
  return { median: medianOf(sorted), low: at(sorted, rank), high: at(sorted, n - 1 - rank) };
}

/** @param {readonly number[]} sorted */
function medianOf(sorted) {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/**
 * The largest 0-based rank r for which both tails outside [r, n-1-r] together have a probability of at most 5 % under
 * Binomial(n, 1/2).
 *
 * @param {number} n
 */
function lowerRank(n) {
  let tail = 0;
  let probability = 0.5 ** n;
  let rank = 0;
  for (let k = 0; k < n / 2; k += 1) {
    tail += probability;
    if (2 * tail > 0.05) break;
    rank = k;
    probability = (probability * (n - k)) / (k + 1);
  }
  return Math.min(rank, Math.floor((n - 1) / 2));
}

/** @param {readonly number[]} values @param {number} index */
function at(values, index) {
  return values[index] ?? Number.NaN;
}
