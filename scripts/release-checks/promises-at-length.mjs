/** The promises that are proved at a smaller size for every change hold at their full one: 200 kills, a million spans. */
import { spawnSync } from 'node:child_process';
import { root } from '../workspace/root.mjs';

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'integration'];
const promises = ['r06', 'r15'].map((name) => `tools/promises/test/${name}`);
const env = {
  ...process.env,
  THROUGHLINE_KILLS: '200',
  THROUGHLINE_EXTREMES: 'full',
  // The answers of a million spans are as large.
  NODE_OPTIONS: '--max-old-space-size=6144',
};
const { status } = spawnSync(process.execPath, [...vitest, ...promises], {
  cwd: root,
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
