import { describe, expect, it } from 'vitest';
import { resolveTriggers } from './resolve-triggers.ts';

describe('the triggers of a task', () => {
  it('are one, or several, each with the name that the handler tells it by', () => {
    expect(resolveTriggers({ invocable: true })).toEqual([
      { kind: 'invoke', eventName: 'pgconductor.invoke' },
    ]);
    const several = resolveTriggers([
      { cron: '0 9 * * *', name: 'daily', timeZone: 'Europe/Berlin' },
      { event: 'user.created', when: "payload->>'plan' = 'pro'", fields: ['id'] },
      { schema: 'public', table: 'Contact "x"', operation: 'update', columns: ['id'] },
    ]);
    expect(several).toMatchObject([
      { kind: 'cron', eventName: 'daily', schedule: { expression: '0 9 * * *', timeZone: 'Europe/Berlin' } },
      { kind: 'event', eventName: 'user.created', when: "payload->>'plan' = 'pro'", fields: ['id'] },
      {
        kind: 'row',
        eventName: 'public.Contact "x".update',
        operation: 'update',
        when: undefined,
        columns: ['id'],
      },
    ]);
  });

  it.each([
    ['triggers', []],
    ['trigger', {}],
    ['trigger', null],
    ['trigger', 'invocable'],
    ['trigger', { name: 'daily' }],
    ['trigger', { schema: 'public' }],
    ['trigger.invocable', { invocable: false }],
    ['trigger.event', { invocable: true, event: 'user.created' }],
    ['trigger.cron', { cron: 'daily', name: 'daily' }],
    ['trigger.name', { cron: '* * * * *' }],
    ['trigger.name', { cron: '* * * * *', name: 'pgconductor.invoke' }],
    ['trigger.event', { event: 'pgconductor.invoke' }],
    ['trigger.timeZone', { cron: '* * * * *', name: 'daily', timeZone: 'Mars/Phobos' }],
    ['trigger.event', { event: '' }],
    ['trigger.when', { event: 'user.created', when: ' ' }],
    ['trigger.when', { event: 'user.created', when: 'a\0b' }],
    ['trigger.when', { event: 'user.created', when: () => true }],
    ['trigger.when', { event: 'user.created', when: 'x'.repeat(10_001) }],
    ['trigger.fields', { event: 'user.created', fields: [] }],
    ['trigger.fields', { event: 'user.created', fields: 'id' }],
    ['trigger.fields[1]', { event: 'user.created', fields: ['id', 5] }],
    ['trigger.filter', { event: 'user.created', filter: {} }],
    ['trigger.schema', { table: 'contact', operation: 'insert' }],
    ['trigger.table', { schema: 'public', table: 'x'.repeat(64), operation: 'insert' }],
    ['trigger.table', { schema: 'public', table: 'ü'.repeat(32), operation: 'insert' }],
    ['trigger.operation', { schema: 'public', table: 'contact', operation: 'truncate' }],
    ['trigger.columns[0]', { schema: 'public', table: 'contact', operation: 'insert', columns: [''] }],
    ['triggers[1].event', [{ invocable: true }, { event: 5 }]],
  ])('refuse %s of %o', (path, triggers) => {
    expect(() => resolveTriggers(triggers as never)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `createTask.${path}` }),
    );
  });

  it.each([
    [[{ invocable: true }, { invocable: true }]],
    [[{ cron: '* * * * *', name: 'user.created' }, { event: 'user.created' }]],
    [
      [
        { schema: 'a.b', table: 'c', operation: 'insert' },
        { schema: 'a', table: 'b.c', operation: 'insert' },
      ],
    ],
  ])('refuse %j, which a handler could not tell apart', (triggers) => {
    expect(() => resolveTriggers(triggers as never)).toThrow(/createTask\.triggers .* different names/);
  });
});
