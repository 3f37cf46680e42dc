import { execFileSync } from 'node:child_process';
import { root } from './root.mjs';

/**
 * The program of another Node, taken from its npm package, where npm keeps it among its own caches. The binary is inside
 * the package; nothing is installed for the machine.
 *
 * @param {string} major such as `22`
 * @returns {string} path of the program
 */
export function nodeFromNpm(major) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const version = `node-${platform}-${process.arch}@${major}`;
  const npm = [
    'exec',
    '--yes',
    '--loglevel=error',
    `--package=${version}`,
    '--',
    'node',
    '-p',
    'process.execPath',
  ];
  return execFileSync('npm', npm, { cwd: root, shell: process.platform === 'win32' })
    .toString()
    .trim();
}
