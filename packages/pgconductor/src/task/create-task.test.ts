import { describe, expect, it } from 'vitest';
import { createTask } from './create-task.ts';
import { defineTask } from './define-task.ts';

const mail = defineTask({ name: 'send-mail', queue: 'mail' });
const handler = (): void => {};

describe('createTask', () => {
  it('joins a handler with the definition of its name', () => {
    const task = createTask([mail], { name: 'send-mail', maxAttempts: 5 }, { invocable: true }, handler);
    expect(task).toMatchObject({
      name: 'send-mail',
      queue: 'mail',
      settings: { maxAttempts: 5 },
      definition: mail,
      handler,
    });
    expect(task.triggers).toHaveLength(1);
  });

  it('takes a task that nobody defined, in the default queue', () => {
    const task = createTask([mail], { name: 'tidy' }, { cron: '0 0 * * *', name: 'nightly' }, handler);
    expect(task).toMatchObject({ queue: 'default', definition: undefined });
  });

  it('takes the queue of the settings where the definition has none of its own', () => {
    expect(createTask([], { name: 'tidy', queue: 'slow' }, { invocable: true }, handler).queue).toBe('slow');
    expect(createTask([mail], { name: 'send-mail', queue: 'mail' }, { invocable: true }, handler).queue).toBe(
      'mail',
    );
  });

  it('refuses another queue than that of the definition', () => {
    expect(() =>
      createTask([mail], { name: 'send-mail', queue: 'slow' }, { invocable: true }, handler),
    ).toThrow('createTask.queue is "slow"; give that of the definition, "mail", or nothing.');
  });

  it.each([undefined, null, {}])('refuses %o as a handler', (given) => {
    expect(() => createTask([mail], { name: 'send-mail' }, { invocable: true }, given as never)).toThrow(
      expect.objectContaining({ option: 'createTask.handler' }),
    );
  });
});
