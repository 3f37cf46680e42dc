/** Every package that changed since the last release has a changeset, and the changesets can be read. */
import { spawnSync } from 'node:child_process';
import { root } from '../workspace/root.mjs';

const changeset = ['node_modules/@changesets/cli/bin.js', 'status'];
process.exitCode = spawnSync(process.execPath, changeset, { cwd: root, stdio: 'inherit' }).status ?? 1;
