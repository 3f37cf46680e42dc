/**
 * The proofs that take too long for every change: `pnpm release:check`, before a release.
 *
 * Each module of `scripts/release-checks/` is one, run on its own and in the order of the names; a new one is added
 * by adding a file that exits with 0 when it holds.
 *
 *     node scripts/release-check.mjs            all of them
 *     node scripts/release-check.mjs node-22    this one
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace/root.mjs';

const folder = join(root, 'scripts/release-checks');
const wanted = process.argv.slice(2);
const proofs = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace('.mjs', '')));

const failed = proofs.filter((proof) => {
  console.log(`\n── ${proof.replace('.mjs', '')}`);
  return spawnSync(process.execPath, [join(folder, proof)], { cwd: root, stdio: 'inherit' }).status !== 0;
});
for (const proof of failed) console.log(`\n✗ ${proof}`);
console.log(`\n${proofs.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && proofs.length > 0 ? 0 : 1;
