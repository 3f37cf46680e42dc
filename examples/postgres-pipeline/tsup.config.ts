import type { Options } from 'tsup';

const config: Options = { entry: ['src/main.ts'], format: 'esm', target: 'es2022', clean: true, dts: false };
export default config;
