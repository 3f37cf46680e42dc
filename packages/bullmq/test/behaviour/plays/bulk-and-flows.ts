import type { FlowJob } from 'bullmq';
import type { Play, Plays } from '../situation.ts';

const works = async (): Promise<void> => {};
const refuses = (): Promise<void> => Promise.reject(new Error('no such page'));

/** A report with one download that fails for good, and what its parent is told to make of that. */
const withFailingChild =
  (opts: NonNullable<FlowJob['opts']>): Play =>
  async (stage) => {
    stage.worker(refuses, {}, 'downloads');
    stage.worker(works, {}, 'reports');
    await stage.flows().add({
      name: 'job',
      queueName: 'reports',
      children: [{ name: 'job', queueName: 'downloads', opts }],
    });
    await stage.ended('process downloads');
    await stage.ended('process reports');
  };

const report = (opts?: FlowJob['opts']): FlowJob => ({
  name: 'job',
  queueName: 'reports',
  ...(opts && { opts }),
  children: [
    { name: 'job', queueName: 'downloads', ...(opts && { opts }) },
    { name: 'job', queueName: 'downloads', ...(opts && { opts }) },
  ],
});

const flow =
  (opts?: FlowJob['opts']): Play =>
  async (stage) => {
    stage.worker(works, {}, 'reports');
    await stage.flows().add(report(opts));
    stage.worker(works, {}, 'downloads');
    await stage.ended('process reports');
  };

/** Several jobs in one call. */
export const bulkAndFlows: Plays = {
  'Two jobs are added in bulk': async (stage) => {
    await stage.queue().addBulk([
      { name: 'job', data: {} },
      { name: 'job', data: {} },
    ]);
    stage.worker(works);
    await stage.ended('process mail', 2);
  },
  'One job is added in bulk': async (stage) => {
    await stage.queue().addBulk([{ name: 'job', data: {} }]);
    stage.worker(works);
    await stage.ended('process mail');
  },
  'A flow of a parent and two children': flow(),
  'The same, with options at every job': flow({ attempts: 2 }),
  'A child fails, and so does its parent (`failParentOnFailure`)': withFailingChild({
    failParentOnFailure: true,
  }),
  'A child fails, and its parent goes on at once (`continueParentOnFailure`)': withFailingChild({
    continueParentOnFailure: true,
  }),
  'A child fails, and its parent ignores it (`ignoreDependencyOnFailure`)': withFailingChild({
    ignoreDependencyOnFailure: true,
  }),
  'A child fails, and its parent forgets it (`removeDependencyOnFailure`)': withFailingChild({
    removeDependencyOnFailure: true,
  }),
};
