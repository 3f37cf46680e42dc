/** Writes what BullMQ does and what is seen of it into the reference: `pnpm behaviour:update`, after a build. */
import { spawnSync } from 'node:child_process';
import { root } from './workspace/root.mjs';

const projects = ['integration', 'integration-bullmq-5'].flatMap((project) => ['--project', project]);
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...projects, 'packages/bullmq/test/behaviour'];
const env = { ...process.env, THROUGHLINE_BEHAVIOUR: 'update' };
const { status } = spawnSync(process.execPath, vitest, { cwd: root, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
