import type { Options } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

const config: Options = packageBuild(
  {
    index: 'src/index.ts',
    events: 'src/events/index.ts',
    'trace-graph': 'src/trace-graph/index.ts',
    otlp: 'src/otlp/index.ts',
    testing: 'src/testing/index.ts',
  },
  'neutral',
);
export default config;
