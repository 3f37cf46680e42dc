import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

/** The README says a size between two marks: `<!-- size:trace-graph -->5.1 kB<!-- /size -->`. */
const mark = /(<!-- size:([\w-]+) -->)(.*?)(<!-- \/size -->)/g;

export const readme = join(root, 'README.md');

/**
 * The README's text with every marked size replaced by the measured one.
 *
 * @param {string} text
 * @param {ReadonlyMap<string, number>} bytes name of the budget → measured
 */
export function withMeasuredSizes(text, bytes) {
  return text.replace(mark, (_all, open, name, _said, close) => `${open}${inKilobytes(bytes, name)}${close}`);
}

export function readmeText() {
  return readFileSync(readme, 'utf8');
}

function inKilobytes(/** @type {ReadonlyMap<string, number>} */ bytes, /** @type {string} */ name) {
  const size = bytes.get(name);
  return size === undefined ? `no budget is called ${name}` : `${(size / 1000).toFixed(1)} kB`;
}
