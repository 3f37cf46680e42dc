import {
  FlowProducer as BullFlowProducer,
  Queue as BullQueue,
  Worker as BullWorker,
  QueueBase,
} from 'bullmq';
import { Worker } from '../consuming/worker.ts';
import { FlowProducer } from '../producing/flow-producer.ts';
import { Queue } from '../producing/queue.ts';
import type { DoctorFinding } from './doctor-report.ts';
import type { Examined } from './examined-host.ts';

/** Objects of another copy of BullMQ, or of this package. */
export function examineCopies({ about, host, carried, role }: Examined): readonly DoctorFinding[] {
  const isHosts = host instanceof QueueBase || host instanceof BullFlowProducer;
  if (!isHosts)
    return [
      {
        code: 'bullmq_copies',
        level: 'warning',
        about,
        message: 'Its class is from another copy of BullMQ than the one @throughline/bullmq extends.',
        fix: '`npm ls bullmq` shows them; make it one.',
      },
    ];
  const ours = { queue: Queue, worker: Worker, 'flow producer': FlowProducer }[role];
  const own = { queue: BullQueue, worker: BullWorker, 'flow producer': BullFlowProducer }[role];
  const isAnothersDropIn = carried !== undefined && !(host instanceof ours) && host.constructor !== own;
  if (!isAnothersDropIn) return [];
  return [
    {
      code: 'throughline_copies',
      level: 'info',
      about,
      message: `Its class, ${host.constructor.name}, is neither BullMQ's nor of this copy of @throughline/bullmq.`,
      fix: '`npm ls @throughline/bullmq` shows whether there are two copies. A class of your own is fine.',
    },
  ];
}

/** The version of BullMQ, as its own connection or queue tells it. */
export function bullmqVersionOf(host: object): string | undefined {
  const at = (owner: unknown, name: string): unknown =>
    typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined;
  const version = at(at(host, 'backend'), 'version') ?? at(at(host, 'connection'), 'packageVersion');
  return typeof version === 'string' ? version : undefined;
}

/** The range of the peer dependency. */
export function examineVersion(version: string | undefined): readonly DoctorFinding[] {
  const [major = 0, minor = 0] = (version ?? '6.0').split('.').map(Number);
  if (major === 6 || (major === 5 && minor >= 81)) return [];
  return [
    {
      code: 'bullmq_unsupported',
      level: 'warning',
      about: 'bullmq',
      message: `BullMQ ${version} is outside of what @throughline/bullmq is tested with, 5.81 and later and 6.`,
      fix: 'Change the version of bullmq, or of @throughline/bullmq.',
    },
  ];
}
