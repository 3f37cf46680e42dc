import { fileURLToPath } from 'node:url';

/** Where unpacked servers are kept: `node_modules/.cache/testkit` of this repository. */
export const cacheFolder: string = fileURLToPath(
  new URL('../../../node_modules/.cache/testkit', import.meta.url),
);
