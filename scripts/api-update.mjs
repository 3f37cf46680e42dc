/** Writes the public shape of every entry to `api/`: `pnpm api:update`, after a build. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allReports } from './api-reports/all-reports.mjs';
import { root } from './workspace/root.mjs';

rmSync(join(root, 'api'), { recursive: true, force: true });
for (const [path, text] of allReports()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
