import { runNode } from '../workspace/run-program.mjs';

/** Format, lint and import order of every source file; `pnpm format` mends most of it. */
export async function run() {
  const biome = ['check', '--error-on-warnings', '--max-diagnostics=20', '--colors=off'];
  const { code, output } = await runNode('node_modules/@biomejs/biome/bin/biome', biome);
  return { problems: code === 0 ? [] : [output, 'pnpm format mends most of this'] };
}
