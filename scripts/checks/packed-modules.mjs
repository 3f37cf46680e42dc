import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedPackages } from '../packed/consumer.mjs';
import { consumerFolder } from '../packed/scratch-folder.mjs';
import { entriesOf } from '../workspace/packages.mjs';
import { runNode } from '../workspace/run-program.mjs';

/**
 * Every entry of the tarballs can be imported and required, and is one and the same however it was loaded: two
 * instances of a registry or an ambient context would break the thread without a word.
 */
export async function run() {
  const packages = installedPackages();
  const entries = packages.flatMap(({ manifest }) => entriesOf(manifest));
  const oldBuilds = packages.flatMap(({ manifest }) =>
    entriesOf(manifest).map(
      (entry) => `./node_modules/${manifest.name}/dist/${fileOf(entry, manifest.name)}.cjs`,
    ),
  );
  writeFileSync(join(consumerFolder, 'modules.cjs'), consumer(entries, oldBuilds));
  const { code, output } = await runNode(join(consumerFolder, 'modules.cjs'), [], { cwd: consumerFolder });
  return { problems: code === 0 ? [] : [output], notes: [`${entries.length} entries imported and required`] };
}

function fileOf(/** @type {string} */ entry, /** @type {string} */ name) {
  return entry.slice(name.length + 1) || 'index';
}

/**
 * The application's only module. It first loads everything the way this Node resolves it, by both doors, then the
 * CommonJS build that older tools choose: what the process shares must still be the same objects.
 */
function consumer(/** @type {string[]} */ entries, /** @type {string[]} */ oldBuilds) {
  return `
const { strict: assert } = require('node:assert');
const shared = () => Object.getOwnPropertySymbols(globalThis)
  .filter((symbol) => Symbol.keyFor(symbol)?.startsWith('throughline.'))
  .map((symbol) => [Symbol.keyFor(symbol), globalThis[symbol]]);

async function main() {
  for (const entry of ${JSON.stringify(entries)}) {
    const required = require(entry);
    const imported = await import(entry);
    assert.ok(Object.keys(imported).length > 0, entry + ' exports nothing');
    for (const name of Object.keys(imported)) {
      assert.ok(required[name] === imported[name], entry + ': ' + name + ' is another one when required');
    }
  }
  const before = new Map(shared());
  for (const file of ${JSON.stringify(oldBuilds)}) require(file);
  for (const [key, value] of shared()) {
    assert.ok(!before.has(key) || before.get(key) === value, key + ' was replaced by a second instance');
  }
}
main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
`;
}
