import { medianInterval } from './median-interval.mjs';

/**
 * A bound on the ratio of a variant to its baseline, in CPU time per unit.
 *
 * @typedef {object} Target
 * @property {string} variant
 * @property {string} [against] the baseline of this bound; default the benchmark's
 * @property {number} [atMost] the variant costs at most this multiple of the baseline
 * @property {number} [fasterBy] the baseline costs at least this multiple of the variant
 * @property {number} [microsAtMost] the variant costs at most this many microseconds of CPU per unit
 * @property {string} [fact] a fact of the variant, which `atMost` then bounds by itself
 */

/**
 * @typedef {object} Benchmark
 * @property {string} title what is measured
 * @property {string} unit what one unit of work is
 * @property {string} baseline the variant that the others are compared with
 * @property {Readonly<Record<string, URL>>} variants
 * @property {Readonly<Record<string, string>>} [baselines] of variants that are compared with another one
 * @property {readonly Target[]} targets
 * @property {number} [rounds] default 21
 * @property {() => Promise<{ env: Record<string, string>, stop(): Promise<void> }>} [servers]
 */

/**
 * @typedef {object} VariantRow
 * @property {string} variant
 * @property {number} cpuMicrosPerUnit median
 * @property {number} wallMicrosPerUnit median
 * @property {string} baseline
 * @property {import('./median-interval.mjs').MedianInterval} ratio to the baseline, paired by round
 * @property {Record<string, number>} facts medians
 */

/** @typedef {{ target: Target, measured: import('./median-interval.mjs').MedianInterval, verdict: 'met' | 'missed' | 'inconclusive' }} TargetRow */

/** How far past its bound the worse end of the interval may lie, and how wide the interval may be. */
const PAST_BOUND = 1.05;
const WIDEST = 0.1;
const FEWEST_ROUNDS = 21;

/**
 * @param {Benchmark} benchmark
 * @param {Record<string, import('./subject.mjs').Measurement[]>} measurements
 * @returns {{ rows: VariantRow[], targets: TargetRow[] }}
 */
export function evaluate(benchmark, measurements) {
  const rows = Object.keys(benchmark.variants).map((variant) => ({
    variant,
    baseline: baselineOf(benchmark, variant),
    cpuMicrosPerUnit: medianInterval(perUnit(measurements, variant)).median,
    wallMicrosPerUnit: medianInterval(of(measurements, variant).map((m) => m.wallMicros / m.units)).median,
    ratio: medianInterval(ratios(measurements, variant, baselineOf(benchmark, variant))),
    facts: medianFacts(of(measurements, variant)),
  }));
  const targets = benchmark.targets.map((target) => judge(benchmark, measurements, target));
  return { rows, targets };
}

/** @param {Benchmark} benchmark @param {string} variant */
function baselineOf(benchmark, variant) {
  return benchmark.baselines?.[variant] ?? benchmark.baseline;
}

/**
 * @param {Benchmark} benchmark
 * @param {Record<string, import('./subject.mjs').Measurement[]>} measurements
 * @param {Target} target
 * @returns {TargetRow}
 */
function judge(benchmark, measurements, target) {
  const against = target.against ?? benchmark.baseline;
  if (target.fact !== undefined) {
    const { fact, variant, atMost = Number.NaN } = target;
    const values = of(measurements, variant).map(({ facts }) => facts[fact] ?? Number.NaN);
    return verdict(target, medianInterval(values), atMost);
  }
  if (target.microsAtMost !== undefined) {
    return verdict(target, medianInterval(perUnit(measurements, target.variant)), target.microsAtMost);
  }
  if (target.fasterBy !== undefined) {
    const cost = medianInterval(ratios(measurements, target.variant, against));
    const speed = { median: 1 / cost.median, low: 1 / cost.high, high: 1 / cost.low };
    return { ...verdict(target, cost, 1 / target.fasterBy), measured: speed };
  }
  return verdict(
    target,
    medianInterval(ratios(measurements, target.variant, against)),
    target.atMost ?? Number.NaN,
  );
}

/**
 * @param {Target} target
 * @param {import('./median-interval.mjs').MedianInterval} measured smaller is better
 * @param {number} bound
 * @returns {TargetRow}
 */
function verdict(target, measured, bound) {
  if (measured.median <= bound && measured.high <= bound * PAST_BOUND)
    return { target, measured, verdict: 'met' };
  const tooWide = (measured.high - measured.low) / measured.median > WIDEST;
  return { target, measured, verdict: tooWide && measured.low <= bound ? 'inconclusive' : 'missed' };
}

/** @param {Record<string, import('./subject.mjs').Measurement[]>} measurements @param {string} variant */
function of(measurements, variant) {
  const found = measurements[variant];
  if (found === undefined) throw new Error(`No variant ${variant}`);
  return found;
}

/** @param {Record<string, import('./subject.mjs').Measurement[]>} measurements @param {string} variant */
function perUnit(measurements, variant) {
  return of(measurements, variant).map(({ cpuMicros, units }) => cpuMicros / units);
}

/**
 * @param {Record<string, import('./subject.mjs').Measurement[]>} measurements
 * @param {string} variant
 * @param {string} baseline
 */
function ratios(measurements, variant, baseline) {
  const base = perUnit(measurements, baseline);
  return perUnit(measurements, variant).map((cost, round) => cost / (base[round] ?? Number.NaN));
}

/** @param {readonly import('./subject.mjs').Measurement[]} runs */
function medianFacts(runs) {
  const names = Object.keys(runs[0]?.facts ?? {});
  return Object.fromEntries(
    names.map((name) => [name, medianInterval(runs.map(({ facts }) => facts[name] ?? Number.NaN)).median]),
  );
}

/**
 * @param {Benchmark} benchmark
 * @param {{ rows: VariantRow[], targets: TargetRow[] }} result
 * @param {number} rounds
 * @returns {string} a table for people
 */
export function formatReport(benchmark, { rows, targets }, rounds) {
  const head = `${benchmark.title} (${rounds} interleaved rounds, Node ${process.version}, per ${benchmark.unit})`;
  const table = rows.map(({ variant, baseline, cpuMicrosPerUnit, wallMicrosPerUnit, ratio, facts }) => {
    const of = baseline === benchmark.baseline ? '' : ` of ${baseline}`;
    const extra = Object.entries(facts).map(([name, value]) => `  ${name} ${figure(value)}`);
    return `  ${variant.padEnd(28)} CPU ${figure(cpuMicrosPerUnit)} µs  wall ${figure(wallMicrosPerUnit)} µs  ${interval(ratio)}×${of}${extra.join('')}`;
  });
  const bounds = targets.map(({ target, measured, verdict: word }) => {
    return `  ${word.toUpperCase().padEnd(12)} ${target.variant} ${describeBound(target, benchmark.baseline)}: ${interval(measured)}`;
  });
  const first =
    rounds < FEWEST_ROUNDS ? [`  A first look: targets are judged by ${FEWEST_ROUNDS} rounds.`] : [];
  return [head, ...table, ...bounds, ...first].join('\n');
}

/** @param {Target} target @param {string} baseline */
function describeBound(target, baseline) {
  const { against = baseline, atMost, fasterBy, microsAtMost, fact } = target;
  if (fact !== undefined) return `${fact} ≤ ${atMost}`;
  if (microsAtMost !== undefined) return `≤ ${microsAtMost} µs`;
  if (fasterBy !== undefined) return `≥ ${fasterBy}× as fast as ${against}`;
  return `≤ ${atMost}× of ${against}`;
}

/** @param {import('./median-interval.mjs').MedianInterval} value */
function interval({ median, low, high }) {
  return `${figure(median)} [${figure(low)}–${figure(high)}]`;
}

/** @param {number} value */
function figure(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
