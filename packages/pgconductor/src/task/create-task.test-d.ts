import type { TraceContext } from '@throughline/core';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { ConductorTypes, TypesOf } from './conductor-types.ts';
import type { CreateTask, Task } from './create-task.ts';
import { defineEvent } from './define-event.ts';
import { defineTask } from './define-task.ts';
import type { InvokeTask } from './invoke-task.ts';
import type { CronOccurrence } from './task-event.ts';
import { typed } from './typed.ts';

interface Contact {
  readonly id: string;
  readonly plan: 'free' | 'pro';
  readonly born: Date;
}

const sendMail = defineTask({
  name: 'send-mail',
  payload: z.object({ to: z.string(), copies: z.number().default(1) }),
  returns: z.object({ sent: z.boolean() }),
});
const addUp = defineTask({ name: 'add-up', payload: typed<readonly number[]>(), returns: typed<Date>() });
const tidy = defineTask({ name: 'tidy', payload: typed<undefined>() });
const userCreated = defineEvent({
  name: 'user.created',
  payload: z.object({ id: z.string(), since: z.string().transform((text) => new Date(text)) }),
});
const ping = defineEvent({ name: 'ping' });

const schemas = {
  tasks: [sendMail, addUp, tidy],
  events: [userCreated, ping],
  context: { mailer: { send: (_to: string): void => {} } },
  database: typed<{ public: { contact: Contact }; audit: { entry: { at: Date } } }>(),
} as const;
type Types = TypesOf<typeof schemas>;
declare const createTask: CreateTask<Types>;
const whatever = defineTask({ name: 'whatever' });
const someTyped = { tasks: [sendMail, whatever] } as const;
declare const invokeWhatever: InvokeTask<TypesOf<typeof someTyped>, object, object>;
declare const invokeAny: InvokeTask<ConductorTypes, { readonly delayMs?: number | undefined }, object>;
declare const createAnyTask: CreateTask;
declare const invoke: InvokeTask<
  Types,
  { readonly delayMs?: number | undefined },
  { readonly sql?: object | undefined }
>;

describe('the handler of a task', () => {
  it('gets what the schema makes of the payload, and returns what `returns` takes', () => {
    const task = createTask({ name: 'send-mail' }, { invocable: true }, async (event, ctx) => {
      expectTypeOf(event.name).toEqualTypeOf<'pgconductor.invoke'>();
      expectTypeOf(event.payload).toEqualTypeOf<{ to: string; copies: number }>();
      ctx.mailer.send(event.payload.to);
      return { sent: true };
    });
    expectTypeOf(task).toEqualTypeOf<Task<'send-mail'>>();
  });

  it('must return it', () => {
    // @ts-expect-error `sent` is a boolean
    createTask({ name: 'send-mail' }, { invocable: true }, async () => ({ sent: 'yes' }));
    // @ts-expect-error something must be returned
    createTask({ name: 'send-mail' }, { invocable: true }, async () => {});
  });

  it('tells several triggers apart by the name of the event', () => {
    createTask(
      { name: 'send-mail' },
      [
        { invocable: true },
        { cron: '0 9 * * *', name: 'daily', timeZone: 'Europe/Berlin' },
        { event: 'user.created' },
        { schema: 'public', table: 'contact', operation: 'update', when: "new.plan = 'pro'" },
      ],
      (event) => {
        expectTypeOf(event.name).toEqualTypeOf<
          'pgconductor.invoke' | 'daily' | 'user.created' | 'public.contact.update'
        >();
        if (event.name === 'daily') expectTypeOf(event.payload).toEqualTypeOf<CronOccurrence>();
        if (event.name === 'pgconductor.invoke') expectTypeOf(event.payload.to).toEqualTypeOf<string>();
        if (event.name === 'user.created') expectTypeOf(event.payload.since).toEqualTypeOf<Date>();
        if (event.name === 'public.contact.update')
          expectTypeOf(event.payload.old.plan).toEqualTypeOf<'free' | 'pro'>();
        return { sent: true };
      },
    );
  });

  it('gets rows as JSON keeps them, and null where there is none', () => {
    createTask({ name: 'audit' }, { schema: 'public', table: 'contact', operation: 'insert' }, (event) => {
      expectTypeOf(event.payload.old).toEqualTypeOf<null>();
      expectTypeOf(event.payload.new.born).toEqualTypeOf<string>();
    });
    createTask({ name: 'audit' }, { schema: 'audit', table: 'entry', operation: 'delete' }, (event) => {
      expectTypeOf(event.name).toEqualTypeOf<'audit.entry.delete'>();
      expectTypeOf(event.payload.new).toEqualTypeOf<null>();
      expectTypeOf(event.payload.old.at).toEqualTypeOf<string>();
    });
  });

  it('gets the columns and fields it asked for, and no others', () => {
    createTask(
      { name: 'audit' },
      [
        { schema: 'public', table: 'contact', operation: 'insert', columns: ['id', 'plan'] },
        { event: 'user.created', fields: ['since'] },
      ],
      (event) => {
        if (event.name === 'user.created') expectTypeOf(event.payload).toEqualTypeOf<{ since: string }>();
        else expectTypeOf(event.payload.new).toEqualTypeOf<Pick<Contact, 'id' | 'plan'>>();
      },
    );
  });

  it('of a task that nobody defined gets anything and returns anything', () => {
    createTask(
      { name: 'nightly' },
      [{ invocable: true }, { cron: '0 0 * * *', name: 'midnight' }],
      (event) => {
        if (event.name === 'pgconductor.invoke') expectTypeOf(event.payload).toEqualTypeOf<unknown>();
        return 5;
      },
    );
  });

  it('takes a list of events with `batch`, and returns nothing or one result for each', () => {
    const settings = { name: 'send-mail', batch: { size: 10, timeoutMs: 100 } } as const;
    createTask(settings, { invocable: true }, async (events, ctx) => {
      expectTypeOf(events[0]?.payload.to).toEqualTypeOf<string | undefined>();
      expectTypeOf(ctx.executions[0]?.executionId).toEqualTypeOf<string | undefined>();
      // @ts-expect-error a batch has no steps
      ctx.step;
      return events.map(({ payload }) => (payload.to === '' ? new Error('to nobody') : { sent: true }));
    });
    createTask({ name: 'send-mail', batch: { size: 10 } }, { invocable: true }, () => {});
    // @ts-expect-error one result for all
    createTask(settings, { invocable: true }, () => ({ sent: true }));
  });
});

describe('the settings and triggers of a task', () => {
  const done = () => ({ sent: true });

  it('are those that exist', () => {
    // @ts-expect-error no such setting
    createTask({ name: 'send-mail', maxAttempt: 3 }, { invocable: true }, done);
    // @ts-expect-error no such event
    createTask({ name: 'send-mail' }, { event: 'user.deleted' }, done);
    // @ts-expect-error no such field
    createTask({ name: 'send-mail' }, { event: 'user.created', fields: ['name'] }, done);
    // @ts-expect-error no such table
    createTask({ name: 'send-mail' }, { schema: 'public', table: 'contacts', operation: 'insert' }, done);
    const inserted = { schema: 'public', table: 'contact', operation: 'insert' } as const;
    // @ts-expect-error no such column
    createTask({ name: 'send-mail' }, { ...inserted, columns: ['x'] }, done);
    // @ts-expect-error no such operation
    createTask({ name: 'send-mail' }, { schema: 'public', table: 'contact', operation: 'truncate' }, done);
    // @ts-expect-error a schedule has a name
    createTask({ name: 'send-mail' }, { cron: '* * * * *' }, done);
    // @ts-expect-error a type alone is no trigger
    createTask({ name: 'send-mail' }, {}, done);
  });

  it('take undefined for nothing', () => {
    createTask(
      { name: 'send-mail', queue: undefined, backoff: undefined, window: undefined, batch: undefined },
      { event: 'ping', when: undefined, fields: undefined },
      done,
    );
  });
});

describe('the context of a handler', () => {
  it('is the one of the engine and that of the application', () => {
    createTask({ name: 'send-mail' }, { invocable: true }, async (_event, ctx) => {
      expectTypeOf(ctx.executionId).toEqualTypeOf<string>();
      expectTypeOf(ctx.attempt).toEqualTypeOf<number>();
      expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(ctx.trace).toEqualTypeOf<TraceContext>();
      expectTypeOf(ctx.mailer.send).returns.toBeVoid();
      return { sent: true };
    });
  });

  it('gives results as JSON keeps them', () => {
    createTask({ name: 'send-mail' }, { invocable: true }, async (_event, ctx) => {
      const stepped = await ctx.step('look', async () => ({
        at: new Date(),
        sizes: [1, 2],
        nothing: undefined,
      }));
      expectTypeOf(stepped).toEqualTypeOf<{ at: string; sizes: number[]; nothing: undefined }>();
      expectTypeOf(await ctx.step('act', () => {})).toEqualTypeOf<undefined>();
      expectTypeOf(await ctx.invoke('mail', sendMail, { to: 'ada' })).toEqualTypeOf<{ sent: boolean }>();
      expectTypeOf(await ctx.invoke('sum', { name: 'add-up' }, [1, 2])).toEqualTypeOf<string>();
      expectTypeOf(await ctx.invoke('tidy', tidy)).toEqualTypeOf<unknown>();
      return { sent: true };
    });
  });

  it('knows the tasks and events of the conductor', () => {
    createTask({ name: 'send-mail' }, { invocable: true }, async (_event, ctx) => {
      await ctx.emit('user.created', { id: '1', since: '2026-01-31' });
      const user = await ctx.waitForEvent('user', {
        event: 'user.created',
        matching: { id: '1' },
        timeoutMs: 1_000,
      });
      expectTypeOf(user.since).toEqualTypeOf<Date>();
      await ctx.schedule(tidy, { name: 'weekly', cron: '0 0 * * 0' });
      await ctx.schedule(sendMail, { name: 'weekly', cron: '0 0 * * 0', timeZone: 'UTC' }, { to: 'ada' });
      await ctx.unschedule(tidy, 'weekly');
      // @ts-expect-error no such event
      await ctx.emit('user.deleted', {});
      // @ts-expect-error `since` is missing
      await ctx.emit('user.created', { id: '1' });
      // @ts-expect-error no such task
      await ctx.invoke('x', { name: 'send-mails' }, { to: 'ada' });
      // @ts-expect-error a payload is needed
      await ctx.invoke('x', sendMail);
      // @ts-expect-error `to` is a string
      await ctx.schedule(sendMail, { name: 'weekly', cron: '0 0 * * 0' }, { to: 5 });
      return { sent: true };
    });
  });
});

describe('invoke', () => {
  it('takes what the schema takes', () => {
    expectTypeOf(invoke({ name: 'send-mail' }, { to: 'ada' }, { delayMs: 5 })).resolves.toEqualTypeOf<
      string | null
    >();
    invoke(sendMail, { to: 'ada', copies: 2 });
    // @ts-expect-error no such task
    invoke({ name: 'send-mails' }, { to: 'ada' });
    // @ts-expect-error `to` is a string
    invoke(sendMail, { to: 5 });
    // @ts-expect-error a payload is needed
    invoke(sendMail);
    // @ts-expect-error no such option
    invoke(sendMail, { to: 'ada' }, { delay: 5 });
  });

  it('needs no payload where there is none', () => {
    invoke(tidy);
    invoke(tidy, undefined, { delayMs: 5 });
    // @ts-expect-error it takes none
    invoke(tidy, 5);
  });

  it('takes many, each with options of its own', () => {
    const many = invoke(sendMail, [{ payload: { to: 'ada' } }, { payload: { to: 'bob' }, delayMs: 5 }], {
      sql: {},
    });
    expectTypeOf(many).resolves.toEqualTypeOf<(string | null)[]>();
    invoke(tidy, [{}, { delayMs: 5 }]);
    // @ts-expect-error a payload is needed
    invoke(sendMail, [{ delayMs: 5 }]);
  });

  it('takes a list for many even where the payload is one', () => {
    invoke(addUp, [{ payload: [1, 2] }]);
    // @ts-expect-error that would be two invocations
    invoke(addUp, [1, 2]);
  });
});

describe('a conductor that was told nothing', () => {
  it('takes any task, event and table', () => {
    invokeAny({ name: 'anything' }, { to: 'ada' });
    createAnyTask(
      { name: 'anything' },
      [
        { invocable: true },
        { event: 'whatever', fields: ['a'] },
        { schema: 'public', table: 'contact', operation: 'delete', columns: ['id'] },
      ],
      async (event, ctx) => {
        if (event.name === 'whatever') expectTypeOf(event.payload).toEqualTypeOf<unknown>();
        if (event.name === 'public.contact.delete')
          expectTypeOf(event.payload.old.id).toEqualTypeOf<unknown>();
        expectTypeOf(await ctx.invoke('child', { name: 'other' }, 5)).toEqualTypeOf<unknown>();
        await ctx.emit('anything', { a: 1 });
      },
    );
    expectTypeOf<TypesOf<object>['tasks']['name']>().toEqualTypeOf<string>();
    expectTypeOf<TypesOf<{ tasks: readonly []; context: undefined }>['context']>().toEqualTypeOf<object>();
  });

  it('knows a list that it is given from one payload', () => {
    const list: { payload: number }[] = [{ payload: 1 }];
    const readonlyList: readonly { readonly payload: unknown; readonly delayMs?: number }[] = list;
    expectTypeOf(invokeAny({ name: 'anything' }, list)).resolves.toEqualTypeOf<(string | null)[]>();
    expectTypeOf(invokeAny({ name: 'anything' }, readonlyList)).resolves.toEqualTypeOf<(string | null)[]>();
    const one: { readonly to: string; readonly lines: number[] } = { to: 'ada', lines: [] };
    expectTypeOf(invokeAny({ name: 'anything' }, one)).resolves.toEqualTypeOf<string | null>();
    expectTypeOf(invokeAny({ name: 'anything' })).resolves.toEqualTypeOf<string | null>();
    // @ts-expect-error a list is of items, not of payloads
    invokeAny({ name: 'anything' }, ['ada', 'bob']);
  });

  it('answers either way to what may be a list', () => {
    const something: unknown = [];
    expectTypeOf(invokeAny({ name: 'anything' }, something)).resolves.toEqualTypeOf<
      string | null | (string | null)[]
    >();
    expectTypeOf(invokeAny({ name: 'anything' }, JSON.parse('[]'))).resolves.toEqualTypeOf<
      string | null | (string | null)[]
    >();
    // @ts-expect-error a task that says what it takes is not given anything
    invoke(sendMail, something);
  });

  it('knows lists for a task that takes anything, beside tasks that do not', () => {
    const list: { payload: number }[] = [{ payload: 1 }];
    expectTypeOf(invokeWhatever(whatever, list)).resolves.toEqualTypeOf<(string | null)[]>();
    expectTypeOf(invokeWhatever(whatever, { a: 1 })).resolves.toEqualTypeOf<string | null>();
  });
});
