import type { Options } from 'tsup';

const config: Options = {
  entry: { index: 'src/index.ts', 'seeded-random': 'src/faults/seeded-random.ts' },
  format: 'esm',
  target: 'es2022',
  clean: false,
  dts: false,
};
export default config;
