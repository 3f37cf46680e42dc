import { runPnpm } from '../workspace/run-program.mjs';

/** Every package builds. turbo looks for pnpm on PATH, so it is started by pnpm. */
export async function run() {
  const { code, output } = await runPnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only']);
  return { problems: code === 0 ? [] : [output] };
}
