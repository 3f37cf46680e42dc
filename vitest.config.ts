import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type ViteUserConfigExport } from 'vitest/config';
import { chromiumLaunchOptions } from './tools/testkit/src/chromium.ts';

/** Tests run from source: the private condition comes first, so no `dist` is needed. */
const conditions = ['@throughline/source', 'development|production'];
const browserResolve = { conditions: [...conditions, 'module', 'browser'] };
/** Without `module`: Node loads dependencies itself and cannot load what bundlers find under that condition. */
const ssr = { resolve: { conditions: [...conditions, 'node'] } };

const bullmq5 = createRequire(new URL('packages/bullmq/package.json', import.meta.url)).resolve('bullmq-5');
const servers = './tools/testkit/src/vitest-servers.ts';
/** Files of both integration projects share a pool; much of their time is waiting, so there is one more than processors. */
const besideOneAnother = {
  maxWorkers: availableParallelism() + 1,
  sequence: { groupOrder: 1 },
  testTimeout: 30_000,
  hookTimeout: 60_000,
};

const config: ViteUserConfigExport = defineConfig({
  test: {
    reporters: ['default', './tools/testkit/src/closing-line-reporter.ts'],
    projects: [
      {
        ssr,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', '{scripts,bench}/**/*.test.mjs'],
          maxWorkers: availableParallelism(),
          testTimeout: 30_000, // Some run a compiler, some a hundred thousand cases: a busy machine is no failure.
        },
      },
      {
        ssr,
        test: {
          name: 'integration',
          include: ['{packages,examples,tools}/*/test/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
          globalSetup: servers,
          ...besideOneAnother,
        },
      },
      {
        ssr,
        resolve: { alias: [{ find: /^bullmq$/, replacement: bullmq5 }] },
        test: {
          name: 'integration-bullmq-5',
          server: { deps: { inline: ['@nestjs/bullmq'] } }, // or its own import of BullMQ would not be replaced
          include: ['packages/bullmq/test/**/*.test.ts'],
          globalSetup: servers,
          ...besideOneAnother,
        },
      },
      {
        resolve: browserResolve,
        optimizeDeps: { noDiscovery: true },
        test: {
          name: 'browser',
          include: ['packages/*/test/**/*.browser.test.ts'],
          globalSetup: './tools/testkit/src/vitest-chromium.ts',
          sequence: { groupOrder: 2 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumLaunchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
export default config;
