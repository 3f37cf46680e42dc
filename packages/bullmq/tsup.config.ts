import type { Options } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

const config: Options = packageBuild({
  index: 'src/index.ts',
  sandbox: 'src/sandbox/index.ts',
  nestjs: 'src/nestjs/index.ts',
});
export default config;
