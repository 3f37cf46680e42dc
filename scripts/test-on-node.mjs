/**
 * The unit and integration tests on another Node, taken from its npm package: `node scripts/test-on-node.mjs 22`.
 * The binary is inside the package; nothing is installed for the machine.
 */
import { spawnSync } from 'node:child_process';
import { root } from './workspace/root.mjs';

const [major = ''] = process.argv.slice(2);
if (!/^\d+$/.test(major)) {
  console.error('usage: node scripts/test-on-node.mjs <major version>, such as 22');
  process.exit(2);
}
const platform = process.platform === 'win32' ? 'win' : process.platform;
const node = `node-${platform}-${process.arch}@${major}`;
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--project', 'integration*'];
const npm = ['exec', '--yes', '--loglevel=error', `--package=${node}`, '--', 'node', ...vitest];

console.log(`Unit and integration tests on ${node}`);
const { status } = spawnSync('npm', npm, {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exitCode = status ?? 1;
