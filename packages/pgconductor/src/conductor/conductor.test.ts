import { describe, expect, it } from 'vitest';
import { defineEvent } from '../task/define-event.ts';
import { defineTask } from '../task/define-task.ts';
import { Conductor, type ConductorOptions } from './conductor.ts';

const connectionString = 'postgres://localhost/app';
const log = () => {};
const logger = { debug: log, info: log, warn: log, error: log };

function make(options: object): () => unknown {
  return () => Conductor.create({ connectionString, ...options } as ConductorOptions);
}

describe('Conductor.create', () => {
  it.each([
    ['tasks', 'mail'],
    ['tasks', ['mail']],
    ['tasks', [{ name: 'mail' }]],
    ['events', {}],
    ['events', [undefined]],
    ['logger', 'console'],
    ['logger', { info: log }],
    ['migrate', 'no'],
    ['maxPayloadBytes', 0],
    ['context', []],
    ['taks', []],
  ])('refuses %s: %j', (option, value) => {
    expect(make({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'THROUGHLINE_OPTION_INVALID',
        message: expect.stringContaining(option),
      }),
    );
  });

  it('takes definitions, a logger and a migration that is somebody else’s', () => {
    const tasks = [defineTask({ name: 'mail' })];
    const events = [defineEvent({ name: 'sent' })];
    expect(make({ tasks, events, logger, migrate: false })).not.toThrow();
    expect(make({ logger: console })).not.toThrow();
  });
});
