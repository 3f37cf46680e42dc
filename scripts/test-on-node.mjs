/**
 * The unit and integration tests on another Node, taken from its npm package: `node scripts/test-on-node.mjs 22`.
 * The binary is inside the package; nothing is installed for the machine.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { nodeFromNpm } from './workspace/node-from-npm.mjs';
import { root } from './workspace/root.mjs';

const [major = ''] = process.argv.slice(2);
if (!/^\d+$/.test(major)) {
  console.error('usage: node scripts/test-on-node.mjs <major version>, such as 22');
  process.exit(2);
}
console.log(`Unit and integration tests on Node ${major} from npm`);
const node = reachableByEveryUser(nodeFromNpm(major));
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--project', 'integration*'];
process.exitCode = spawnSync(node, vitest, { cwd: root, stdio: 'inherit' }).status ?? 1;

/** Some tests start a process as another user, who cannot look into the home folder where npm's cache is. */
function reachableByEveryUser(/** @type {string} */ binary) {
  const folder = mkdtempSync(join(tmpdir(), `node-${major}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const copy = join(folder, basename(binary));
  copyFileSync(binary, copy);
  return copy;
}
