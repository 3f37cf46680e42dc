// A fresh process that runs one subject once and sends its measurement to the parent.
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const [file = ''] = process.argv.slice(2);
/** @type {{ default: import('./subject.mjs').Subject }} */
const { default: subject } = await import(file);

await subject.prepare?.();
await subject.warmUp();
globalThis.gc?.();

const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
const work = await subject.run();
const wallMicros = (performance.now() - wallBefore) * 1000;
const cpu = process.cpuUsage(cpuBefore);

const facts = subject.facts?.() ?? {};
/** @type {import('./subject.mjs').Measurement} */
const measurement =
  typeof work === 'number'
    ? { units: work, cpuMicros: cpu.user + cpu.system, wallMicros, facts }
    : { units: work.units, cpuMicros: work.cpuMicros ?? work.micros, wallMicros: work.micros, facts };
await subject.end?.();
process.send?.(measurement, () => process.disconnect());
