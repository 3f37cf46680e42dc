import type { Options } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

const config: Options = packageBuild({
  index: 'src/index.ts',
  testing: 'src/testing/index.ts',
  cli: 'src/cli/pgconductor.ts',
});
export default config;
