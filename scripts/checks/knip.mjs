import { runNode } from '../workspace/run-program.mjs';

/** No unused file, export or dependency, and none used without being declared. */
export async function run() {
  const { code, output } = await runNode('node_modules/knip/bin/knip.js', ['--no-progress']);
  return { problems: code === 0 ? [] : [output] };
}
