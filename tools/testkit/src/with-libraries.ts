import path from 'node:path';

/** The environment of this process, in which programs find shared libraries in `folders` first. */
export function withLibraries(folders: readonly string[]): NodeJS.ProcessEnv {
  const all = [...folders, process.env.LD_LIBRARY_PATH ?? ''].filter((folder) => folder !== '');
  return { ...process.env, LD_LIBRARY_PATH: all.join(path.delimiter) };
}
