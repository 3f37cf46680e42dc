import { medianInterval } from './median-interval.mjs';

/** What a figure is of: CPU time of the variant's process per unit of work, or the time on the wall. @typedef {'cpu' | 'wall'} Measure */

/**
 * A bound on the ratio of a variant to its baseline, in what the benchmark measures per unit.
 *
 * @typedef {object} Target
 * @property {string} variant
 * @property {string} [against] the baseline of this bound; default the benchmark's
 * @property {number} [atMost] the variant costs at most this multiple of the baseline
 * @property {number} [fasterBy] the baseline costs at least this multiple of the variant
 * @property {number} [microsAtMost] the variant costs at most this many microseconds per unit
 * @property {number} [microsMoreAtMost] the variant costs at most this many microseconds per unit more than the baseline
 * @property {Measure} [measure] default the benchmark's
 * @property {string} [fact] a fact of the variant, which `atMost` then bounds by itself
 */

/**
 * @typedef {object} Benchmark
 * @property {string} title what is measured
 * @property {string} unit what one unit of work is
 * @property {Measure} [measure] what is compared, default `cpu`; with `wall` the table tells units per second
 * @property {string} baseline the variant that the others are compared with
 * @property {Readonly<Record<string, URL>>} variants
 * @property {Readonly<Record<string, string>>} [baselines] of variants that are compared with another one
 * @property {readonly Target[]} targets
 * @property {number} [rounds] default 21
 * @property {readonly string[]} [notes] what a reader of the table must know besides
 * @property {(options: ServerOptions) => Promise<{ env: Record<string, string>, stop(): Promise<void> }>} [servers]
 */

/** @typedef {{ postgres?: import('@throughline/testkit').EmbeddedVersion }} ServerOptions which major version, if not the newest */

/**
 * @typedef {object} VariantRow
 * @property {string} variant
 * @property {number} cpuMicrosPerUnit median
 * @property {number} wallMicrosPerUnit median
 * @property {string} baseline
 * @property {import('./median-interval.mjs').MedianInterval} ratio of its cost to the baseline's, paired by round
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
  const measure = benchmark.measure ?? 'cpu';
  const rows = Object.keys(benchmark.variants).map((variant) => ({
    variant,
    baseline: baselineOf(benchmark, variant),
    cpuMicrosPerUnit: medianInterval(perUnit(measurements, variant, 'cpu')).median,
    wallMicrosPerUnit: medianInterval(perUnit(measurements, variant, 'wall')).median,
    ratio: medianInterval(ratios(measurements, variant, baselineOf(benchmark, variant), measure)),
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
  const measure = target.measure ?? benchmark.measure ?? 'cpu';
  if (target.fact !== undefined) {
    const { fact, variant, atMost = Number.NaN } = target;
    const values = of(measurements, variant).map(({ facts }) => facts[fact] ?? Number.NaN);
    return verdict(target, medianInterval(values), atMost);
  }
  if (target.microsAtMost !== undefined) {
    return verdict(
      target,
      medianInterval(perUnit(measurements, target.variant, measure)),
      target.microsAtMost,
    );
  }
  if (target.microsMoreAtMost !== undefined) {
    const more = differences(measurements, target.variant, against, measure);
    return verdict(target, medianInterval(more), target.microsMoreAtMost);
  }
  const cost = medianInterval(ratios(measurements, target.variant, against, measure));
  if (target.fasterBy !== undefined) {
    return { ...verdict(target, cost, 1 / target.fasterBy), measured: speedOf(cost) };
  }
  return verdict(target, cost, target.atMost ?? Number.NaN);
}

/** @param {import('./median-interval.mjs').MedianInterval} cost */
function speedOf({ median, low, high }) {
  return { median: 1 / median, low: 1 / high, high: 1 / low };
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

/**
 * @param {Record<string, import('./subject.mjs').Measurement[]>} measurements
 * @param {string} variant
 * @param {Measure} measure
 */
function perUnit(measurements, variant, measure) {
  return of(measurements, variant).map(
    ({ cpuMicros, wallMicros, units }) => (measure === 'cpu' ? cpuMicros : wallMicros) / units,
  );
}

/**
 * @param {Record<string, import('./subject.mjs').Measurement[]>} measurements
 * @param {string} variant
 * @param {string} baseline
 * @param {Measure} measure
 */
function ratios(measurements, variant, baseline, measure) {
  const base = perUnit(measurements, baseline, measure);
  return perUnit(measurements, variant, measure).map((cost, round) => cost / (base[round] ?? Number.NaN));
}

/**
 * @param {Record<string, import('./subject.mjs').Measurement[]>} measurements
 * @param {string} variant
 * @param {string} baseline
 * @param {Measure} measure
 */
function differences(measurements, variant, baseline, measure) {
  const base = perUnit(measurements, baseline, measure);
  return perUnit(measurements, variant, measure).map((cost, round) => cost - (base[round] ?? Number.NaN));
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
 * @param {string} [load] load average of the machine
 * @returns {string} a table for people
 */
export function formatReport(benchmark, { rows, targets }, rounds, load) {
  const on = load === undefined ? '' : `, load ${load}`;
  const head = `${benchmark.title} (${rounds} interleaved rounds, Node ${process.version}${on}, per ${benchmark.unit})`;
  const table = rows.map((row) => {
    const extra = Object.entries(row.facts).map(([name, value]) => `  ${name} ${figure(value)}`);
    return `  ${row.variant.padEnd(28)} ${costs(benchmark, row)}  ${comparison(benchmark, row)}${extra.join('')}`;
  });
  const bounds = targets.map(({ target, measured, verdict: word }) => {
    return `  ${word.toUpperCase().padEnd(12)} ${target.variant} ${describeBound(target, benchmark.baseline)}: ${interval(measured)}`;
  });
  const notes = (benchmark.notes ?? []).map((note) => `  ${note}`);
  const first =
    rounds < FEWEST_ROUNDS ? [`  A first look: targets are judged by ${FEWEST_ROUNDS} rounds.`] : [];
  return [head, ...table, ...bounds, ...notes, ...first].join('\n');
}

/**
 * What a text may quote, under the name by which it does: each variant's comparison, its units per second (`/s`) and its facts,
 * and what each target measured (`≥ …`, as the table says it).
 *
 * @param {Benchmark} benchmark
 * @param {{ rows: VariantRow[], targets: TargetRow[] }} result
 * @returns {ReadonlyMap<string, string>}
 */
export function figuresOf(benchmark, { rows, targets }) {
  return new Map([
    ...rows.flatMap((row) => [
      /** @type {const} */ ([row.variant, comparedBriefly(benchmark, row)]),
      /** @type {const} */ ([`${row.variant} /s`, perSecond(row)]),
      ...Object.entries(row.facts).map(
        ([name, value]) => /** @type {const} */ ([`${row.variant} ${name}`, figure(value)]),
      ),
    ]),
    ...targets.map(
      ({ target, measured }) =>
        /** @type {const} */ ([
          `${target.variant} ${describeBound(target, benchmark.baseline)}`,
          interval(measured),
        ]),
    ),
  ]);
}

/** @param {Benchmark} benchmark @param {VariantRow} row */
function comparedBriefly({ measure }, { ratio }) {
  return `${interval(measure === 'wall' ? speedOf(ratio) : ratio)}×`;
}

/** @param {VariantRow} row */
function perSecond({ wallMicrosPerUnit }) {
  return Math.round(1e6 / wallMicrosPerUnit).toLocaleString('en');
}

/** @param {Benchmark} benchmark @param {VariantRow} row */
function costs({ measure, unit }, { cpuMicrosPerUnit, wallMicrosPerUnit }) {
  const cpu = `CPU ${figure(cpuMicrosPerUnit)} µs`;
  if (measure === 'wall') return `${figure(1e6 / wallMicrosPerUnit)} ${unit}s/s  ${cpu}`;
  return `${cpu}  wall ${figure(wallMicrosPerUnit)} µs`;
}

/** @param {Benchmark} benchmark @param {VariantRow} row */
function comparison(benchmark, { baseline, ratio }) {
  const of = baseline === benchmark.baseline ? '' : ` of ${baseline}`;
  return benchmark.measure === 'wall'
    ? `${interval(speedOf(ratio))}× the speed${of}`
    : `${interval(ratio)}×${of}`;
}

/** @param {Target} target @param {string} baseline */
function describeBound(target, baseline) {
  const { against = baseline, atMost, fasterBy, microsAtMost, microsMoreAtMost, fact } = target;
  if (fact !== undefined) return `${fact} ≤ ${atMost}`;
  if (microsAtMost !== undefined) return `≤ ${microsAtMost} µs`;
  if (microsMoreAtMost !== undefined) return `≤ ${microsMoreAtMost} µs more than ${against}`;
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
