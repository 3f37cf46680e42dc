import type { RecordedSpan } from '@throughline/core/testing';
import type { JobsOptions } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';
import { major } from './support/same-major.ts';

function openMail() {
  const world = openJobWorld();
  const telemetry = ambientRecording();
  const mail = world.queue('mail', telemetry);
  return { world, telemetry, mail, sends: (count: number) => endedSpans(telemetry, 'send mail', count) };
}

const reasonOf = ({ attributes }: RecordedSpan): unknown => attributes['throughline.reason'];
const idOf = ({ attributes }: RecordedSpan): unknown => attributes['messaging.message.id'];

const options: readonly { readonly what: string; readonly opts: JobsOptions }[] = [
  { what: 'deduplication', opts: { deduplication: { id: 'ada' } } },
  { what: 'deduplication for a time (throttle)', opts: { deduplication: { id: 'ada', ttl: 60_000 } } },
  ...(major === '5'
    ? [{ what: 'debounce', opts: { debounce: { id: 'ada', ttl: 60_000 } } as JobsOptions }]
    : []),
];

describe.each(options)('an add with $what', ({ opts }) => {
  it('that was deduplicated is ok, says so, and names the job that is there', async () => {
    const { mail, sends } = openMail();

    const job = await mail.add('welcome', { n: 1 }, opts);
    await mail.add('welcome', { n: 2 }, opts);

    const [first, second] = await sends(2);
    expect([first, second].map((send) => send && reasonOf(send))).toEqual([undefined, 'deduplicated']);
    expect([first, second].map((send) => send && idOf(send))).toEqual([job.id, job.id]);
    expect(second).toMatchObject({ outcome: 'ok', entity: { id: job.id } });
  });

  it('that was deduplicated is the parent of nothing', async () => {
    const { world, telemetry, mail, sends } = openMail();
    await mail.add('welcome', {}, opts);
    await mail.add('welcome', {}, opts);

    world.worker('mail', async () => {}, telemetry);

    const process = await endedSpan(telemetry, 'process mail');
    const [first, second] = await sends(2);
    expect(process.parent?.spanId).toBe(first?.context.spanId);
    expect(telemetry.spans.filter(({ parent }) => parent?.spanId === second?.context.spanId)).toEqual([]);
  });
});

describe('an add with deduplication', () => {
  const opts = { deduplication: { id: 'ada' } };

  it('is told apart inside a bulk', async () => {
    const { mail, sends } = openMail();
    const jobs = ['ada', 'ada', 'bob'].map((id) => ({
      name: 'welcome',
      data: {},
      opts: { deduplication: { id } },
    }));

    await mail.addBulk(jobs);

    expect((await sends(3)).map(reasonOf)).toEqual([undefined, 'deduplicated', undefined]);
  });

  it('by a job id of its own is recognised at once, whoever was first', async () => {
    const { world, mail, sends } = openMail();
    const there = await world.hostQueue('mail').add('welcome', {}, opts);

    await mail.add('welcome', {}, { ...opts, jobId: 'mine' });

    const [send] = await sends(1);
    expect(send && [reasonOf(send), idOf(send)]).toEqual(['deduplicated', there.id]);
  });

  it('is recognised at the second answer when somebody else was first', async () => {
    const { world, mail, sends } = openMail();
    await world.hostQueue('mail').add('welcome', {}, opts);

    await mail.add('welcome', {}, opts);
    await mail.add('welcome', {}, opts);

    expect((await sends(2)).map(reasonOf)).toEqual([undefined, 'deduplicated']);
  });

  it('says nothing of adds that overlap: which was first is not known', async () => {
    const { mail, sends } = openMail();

    await Promise.all([mail.add('welcome', {}, opts), mail.add('welcome', {}, opts)]);

    expect((await sends(2)).map(reasonOf)).toEqual([undefined, undefined]);
  });

  it('is new once the job is gone', async () => {
    const { mail, sends } = openMail();

    const job = await mail.add('welcome', {}, opts);
    await job.remove();
    await mail.add('welcome', {}, opts);

    expect((await sends(2)).map(reasonOf)).toEqual([undefined, undefined]);
  });

  it('is new in a queue that was obliterated, which counts from 1 again', async () => {
    const { mail, sends } = openMail();

    const before = await mail.add('welcome', {}, opts);
    await mail.obliterate({ force: true });
    await mail.removeDeduplicationKey('ada');
    const after = await mail.add('welcome', {}, opts);

    expect(after.id).toBe(before.id);
    expect((await sends(2)).map(reasonOf)).toEqual([undefined, undefined]);
  });

  it('is told in a flow, too', async () => {
    const { world, telemetry, sends } = openMail();
    const flows = world.flows(telemetry);
    const flow = { name: 'welcome', queueName: 'mail', opts };

    await flows.add(flow);
    await flows.add(flow);

    expect((await sends(2)).map(reasonOf)).toEqual([undefined, 'deduplicated']);
  });

  it('that replaces a delayed job runs under the newer send', async () => {
    const { world, telemetry, mail, sends } = openMail();
    const debounced: JobsOptions = { deduplication: { id: 'ada', ttl: 60_000, replace: true }, delay: 50 };

    await mail.add('welcome', {}, debounced);
    await mail.add('welcome', {}, debounced);
    world.worker('mail', async () => {}, telemetry);

    const process = await endedSpan(telemetry, 'process mail');
    const [, second] = await sends(2);
    expect(process.parent?.spanId).toBe(second?.context.spanId);
    expect(second && reasonOf(second)).toBeUndefined();
  });
});

describe('an add with a job id that is taken', () => {
  it('claims nothing: BullMQ answers it like a new one', async () => {
    const { mail, sends } = openMail();

    await mail.add('welcome', {}, { jobId: 'ada' });
    await mail.add('welcome', {}, { jobId: 'ada' });

    expect((await sends(2)).map((send) => [send.outcome, idOf(send), reasonOf(send)])).toEqual([
      ['ok', 'ada', undefined],
      ['ok', 'ada', undefined],
    ]);
  });

  it('is the parent of nothing', async () => {
    const { world, telemetry, mail, sends } = openMail();
    await mail.add('welcome', {}, { jobId: 'ada' });
    await mail.add('welcome', {}, { jobId: 'ada' });

    world.worker('mail', async () => {}, telemetry);

    const process = await endedSpan(telemetry, 'process mail');
    const [first] = await sends(2);
    expect(process.parent?.spanId).toBe(first?.context.spanId);
    expect(telemetry.spans).toHaveLength(3);
  });
});
