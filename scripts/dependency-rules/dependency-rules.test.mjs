import { describe, expect, it } from 'vitest';
import { hostGlobalUses } from '../typescript/host-globals.mjs';
import { moduleSpecifiers } from '../typescript/module-specifiers.mjs';
import { brokenRules } from './dependency-rules.mjs';

const exports = { '.': {}, './events': {}, './internal/*': null, './package.json': './package.json' };
const manifests = {
  core: { name: '@throughline/core', version: '0.0.0', exports },
  'browser-runtime': {
    name: '@throughline/browser-runtime',
    version: '0.0.0',
    exports,
    dependencies: { '@throughline/core': '' },
  },
  otel: {
    name: '@throughline/otel',
    version: '0.0.0',
    exports,
    dependencies: { '@throughline/core': '', '@opentelemetry/sdk-trace-base': '' },
    peerDependencies: { '@opentelemetry/api': '' },
  },
  bullmq: {
    name: '@throughline/bullmq',
    version: '0.0.0',
    exports,
    dependencies: { '@throughline/core': '', '@throughline/otel': '' },
    peerDependencies: { bullmq: '' },
    devDependencies: { ioredis: '' },
  },
  pgconductor: { name: '@throughline/pgconductor', version: '0.0.0', exports },
};
const workspace = { manifests: Object.values(manifests), rootTools: ['vitest'] };

/**
 * What the rules say of one file.
 *
 * @param {keyof typeof manifests} name
 * @param {string} text
 * @param {{ path?: string, shipped?: boolean }} [file]
 */
function said(name, text, { path = 'src/queue.ts', shipped = true } = {}) {
  const owner = { folder: `packages/${name}`, manifest: manifests[name] };
  const code = { modules: moduleSpecifiers(path, text), hostGlobals: hostGlobalUses(path, text) };
  return brokenRules({ path: `${owner.folder}/${path}`, owner, shipped, ...code }, workspace);
}

describe('dependency rules', () => {
  it('let a package import its own files', () => {
    expect(said('bullmq', `import { a } from './a.ts'; export * from '../src/b.ts';`)).toEqual([]);
  });

  it('let an adapter import core and its peer', () => {
    expect(said('bullmq', `import { Queue } from 'bullmq'; import '@throughline/core/events';`)).toEqual([]);
  });

  it('name the file and the line', () => {
    expect(said('core', `\nimport 'zod';`)).toEqual([
      expect.stringMatching(/^packages\/core\/src\/queue\.ts:2 /),
    ]);
  });

  it.each([
    [`import { z } from 'zod'`],
    [`import type { Attributes } from '@opentelemetry/api'`],
    [`export * from 'zod'`],
    [`let x: import('zod').ZodType`],
    [`await import('zod')`],
    [`/// <reference types="node" />`],
    [`declare module 'zod' {}`],
  ])('keep core from %s', (text) => {
    expect(said('core', text)).toEqual([expect.stringContaining('runs anywhere')]);
  });

  it('keep core from the modules of Node', () => {
    expect(said('core', `import { readFile } from 'node:fs';`)).toHaveLength(1);
  });

  it.each([
    ['Buffer.from(text)'],
    ['process.env.HOME'],
    ['globalThis.process'],
    [`globalThis['Buffer']`],
    ['(globalThis as { process?: object }).process'],
    ['let x: Buffer'],
    ['let x: NodeJS.Timeout'],
    ['const x = { process }'],
    ['function f() { const process = 1; } process.exit()'],
  ])('keep core from %s', (text) => {
    expect(said('core', text)).toEqual([expect.stringContaining('which only Node has')]);
  });

  it('know a member called process from the global', () => {
    expect(
      said('core', 'work.process(); interface Work { process(): void } const x = { process: 1 };'),
    ).toEqual([]);
  });

  it('hold for browser-runtime as for core, save that it imports core', () => {
    expect(said('browser-runtime', `import '@throughline/core'; process.exit();`)).toHaveLength(1);
  });

  it('keep adapters apart, declared or not', () => {
    expect(said('bullmq', `import '@throughline/otel';`)).toEqual([
      expect.stringContaining('adapters know core'),
    ]);
  });

  it('let the tests of an adapter use another one', () => {
    const file = { path: 'test/queue.test.ts', shipped: false };
    expect(said('bullmq', `import '@throughline/otel'; import 'vitest'; import 'ioredis';`, file)).toEqual(
      [],
    );
  });

  it.each([
    [`import '../../core/src/telemetry/noop.ts'`, 'reaches into'],
    [`import '@throughline/core/internal/ids'`, 'does not export'],
    [`import '@throughline/core/telemetry/noop'`, 'does not export'],
  ])("keep everyone, tests too, from another package's internals: %s", (text, words) => {
    expect(said('bullmq', text, { shipped: false })).toEqual([expect.stringContaining(words)]);
  });

  it('keep otel from the SDK, even when it declares it', () => {
    const sdk = `import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';`;
    expect(said('otel', sdk)).toEqual([expect.stringContaining("the SDK is the application's")]);
  });

  it.each([['src/isolation/index.ts'], ['dist/isolation.d.ts']])(
    'let the isolation entry, %s, use it',
    (path) => {
      expect(said('otel', `import '@opentelemetry/sdk-trace-base';`, { path })).toEqual([]);
    },
  );

  it.each([
    ['src/conductor/emit.ts', '../telemetry/emit-span.ts'],
    ['src/database/migrations/all-migrations.ts', '../query.ts'],
    ['src/index.ts', './orchestrator/orchestrator.ts'],
  ])('let %s of pgconductor import %s', (path, specifier) => {
    expect(said('pgconductor', `import '${specifier}';`, { path })).toEqual([]);
  });

  it.each([
    ['src/execution/execution.ts', '../conductor/conductor-core.ts'],
    ['src/telemetry/traced-execution.ts', '../orchestrator/orchestrator.ts'],
    ['src/triggers/cron-ticks.ts', '../observation/queue-observer.ts'],
  ])('keep %s of pgconductor from %s', (path, specifier) => {
    expect(said('pgconductor', `import type { T } from '${specifier}';`, { path })).toEqual([
      expect.stringContaining('which is not below it'),
    ]);
  });

  it('let the tests of pgconductor import what they like', () => {
    const file = { path: 'src/execution/execution.test.ts', shipped: false };
    expect(said('pgconductor', `import '../conductor/conductor.ts';`, file)).toEqual([]);
  });

  it('want a place for every folder of pgconductor', () => {
    expect(said('pgconductor', `import '../novel/idea.ts';`, { path: 'src/task/a.ts' })).toEqual([
      expect.stringContaining('need a place'),
    ]);
  });

  it('want every import declared', () => {
    expect(said('bullmq', `import 'ioredis';`)).toEqual([expect.stringContaining('does not declare')]);
  });
});
