// pnpm bench [name …] [--rounds N] [--postgres M] [--publish] [--list]: runs the benchmarks, prints a table each, writes results/<name>.json.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { pairedRuns } from './harness/paired-runs.mjs';
import { withFigures } from './harness/quoted-figures.mjs';
import { evaluate, figuresOf, formatReport } from './harness/report.mjs';

const DEFAULT_ROUNDS = 21;
/** Texts that quote what was measured. */
const QUOTING = ['README.md', 'docs/guides/pgconductor-scaling.md'];
const HELP = `Usage: pnpm bench [name …] [--rounds N] [--postgres M] [--publish] [--list]

Runs all benchmarks, or those named; each variant in fresh processes, interleaved.
  --rounds N   rounds instead of the benchmark's own number; figures from fewer than 21 are a first look only
  --postgres M their servers of that major version, 18 or 14
  --publish    keeps the tables in measured/, and writes their figures into the README and the guides that quote them
  --list       the names`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    postgres: { type: 'string' },
    publish: { type: 'boolean' },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const known = await benchmarkNames();
const unknown = positionals.filter((name) => !known.includes(name));

if (values.help) console.log(HELP);
else if (values.list) console.log(known.join('\n'));
else if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const name of positionals.length > 0 ? positionals : known) await runBenchmark(name);
}

async function benchmarkNames() {
  const files = await readdir(new URL('./benchmarks/', import.meta.url));
  return files.map((file) => file.replace(/\.mjs$/, '')).sort();
}

/** @param {string} name */
async function runBenchmark(name) {
  /** @type {{ default: import('./harness/report.mjs').Benchmark }} */
  const { default: benchmark } = await import(`./benchmarks/${name}.mjs`);
  const rounds = Number(values.rounds ?? benchmark.rounds ?? DEFAULT_ROUNDS);
  const servers = await benchmark.servers?.(serverOptions());
  const loadBefore = loadOfTheMachine();
  try {
    const measurements = await pairedRuns(
      benchmark.variants,
      rounds,
      servers?.env ?? {},
      progress(name, rounds),
    );
    const result = evaluate(benchmark, measurements);
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    const load = `${loadBefore} to ${loadOfTheMachine()}`;
    const table = `${formatReport(benchmark, result, rounds, load)}\n`;
    console.log(table);
    await writeResult(name, { rounds, node: process.version, load, ...result, measurements });
    if (values.publish) await publish(name, table, figuresOf(benchmark, result));
  } finally {
    await servers?.stop();
  }
}

/** @returns {import('./harness/report.mjs').ServerOptions} */
function serverOptions() {
  const postgres = Number(values.postgres ?? 18);
  if (postgres === 18 || postgres === 14) return { postgres };
  throw new Error(`--postgres is 18 or 14, not ${values.postgres}`);
}

function loadOfTheMachine() {
  return loadavg()[0]?.toFixed(1) ?? '';
}

/** @param {string} name @param {number} rounds */
function progress(name, rounds) {
  /** @param {number} round @param {string} variant */
  return (round, variant) => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001b[K${name}: round ${round} of ${rounds}, ${variant}`);
  };
}

/** @param {string} name @param {object} result */
async function writeResult(name, result) {
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** @param {string} benchmark @param {string} table @param {ReadonlyMap<string, string>} figures */
async function publish(benchmark, table, figures) {
  const name = values.postgres === undefined ? benchmark : `${benchmark}-postgres-${values.postgres}`;
  const figuresOnly = [...figures].map(([figure, said]) => `  ${figure}: ${said}`);
  const today = new Date().toISOString().slice(0, 10);
  await mkdir(new URL('./measured/', import.meta.url), { recursive: true });
  await writeFile(
    new URL(`./measured/${name}.txt`, import.meta.url),
    [`${today}`, table, 'Figures, as texts quote them:', ...figuresOnly, ''].join('\n'),
  );
  for (const path of QUOTING) {
    const file = new URL(`../${path}`, import.meta.url);
    await writeFile(file, withFigures(await readFile(file, 'utf8'), name, figures));
  }
}
