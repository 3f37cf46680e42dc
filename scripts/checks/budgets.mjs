import { existsSync } from 'node:fs';
import { measuredSizes, readBudgets } from '../budgets/measured-sizes.mjs';
import { readme, readmeText, withMeasuredSizes } from '../budgets/readme-sizes.mjs';
import { publishedPackages } from '../workspace/packages.mjs';

/** Sizes and dependencies stay within `budgets.json`, and the README tells the measured sizes. */
export async function run() {
  const { size, dependencies } = readBudgets();
  const bytes = await measuredSizes(size);
  const tooLarge = size.filter(({ name, limitBytes }) => (bytes.get(name) ?? Infinity) > limitBytes);
  return {
    problems: [
      ...tooLarge.map(
        ({ name, limitBytes }) => `${name} is ${bytes.get(name)} bytes, the limit is ${limitBytes}`,
      ),
      ...unexpectedDependencies(dependencies),
      ...staleReadme(bytes),
    ],
    notes: size.map((budget) => describe(budget, bytes.get(budget.name) ?? Infinity)),
  };
}

/** A limit keeps what is; a target that is missed is said, so that no green check hides it. */
function describe(
  /** @type {import('../budgets/measured-sizes.mjs').SizeBudget} */ { name, limitBytes, targetBytes },
  /** @type {number} */ bytes,
) {
  const missed = targetBytes !== undefined && bytes > targetBytes;
  return `${name}: ${bytes} of ${limitBytes} bytes${missed ? `; the target of ${targetBytes} is MISSED` : ''}`;
}

function unexpectedDependencies(/** @type {Record<string, string[]>} */ allowed) {
  return publishedPackages().flatMap(({ folder, manifest }) => {
    const { name, dependencies, peerDependencies, optionalDependencies } = manifest;
    const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
    return names
      .filter((dependency) => allowed[name]?.includes(dependency) === false)
      .map((dependency) => `${folder} depends on ${dependency}, which budgets.json does not allow`);
  });
}

function staleReadme(/** @type {ReadonlyMap<string, number>} */ bytes) {
  const fresh = !existsSync(readme) || withMeasuredSizes(readmeText(), bytes) === readmeText();
  return fresh ? [] : ['README.md tells other sizes than measured: pnpm sizes:update'];
}
