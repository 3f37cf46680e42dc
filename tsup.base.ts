import type { Options } from 'tsup';

/**
 * How every published package is built: ESM and CJS from one entry per folder (`src/<entry>/index.ts`),
 * declarations for both, no bundled dependency, ES2022.
 */
export function packageBuild(entry: Record<string, string>, platform: 'neutral' | 'node' = 'node'): Options {
  return {
    entry,
    format: ['esm', 'cjs'],
    dts: { compilerOptions: { composite: false, ignoreDeprecations: '6.0' } },
    tsconfig: 'tsconfig.build.json',
    sourcemap: true,
    clean: true,
    treeshake: true,
    splitting: true,
    target: 'es2022',
    platform,
  };
}
