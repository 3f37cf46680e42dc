/**
 * The benchmarks on another Node, taken from its npm package: `node scripts/bench-on-node.mjs 22 pgconductor-drain`.
 */
import { spawnSync } from 'node:child_process';
import { nodeFromNpm } from './workspace/node-from-npm.mjs';
import { root } from './workspace/root.mjs';

const [major = '', ...options] = process.argv.slice(2);
if (!/^\d+$/.test(major)) {
  console.error(
    'usage: node scripts/bench-on-node.mjs <major version, such as 22> [options of bench/run.mjs]',
  );
  process.exit(2);
}
const run = ['bench/run.mjs', ...options];
process.exitCode = spawnSync(nodeFromNpm(major), run, { cwd: root, stdio: 'inherit' }).status ?? 1;
