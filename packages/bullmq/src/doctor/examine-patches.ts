import { FlowProducer, Job, Queue, Worker } from 'bullmq';
import { redisClientOf } from '../queue-observation/script-client.ts';
import { isQuiet } from '../quiet-redis.ts';
import type { DoctorFinding } from './doctor-report.ts';
import type { Examined } from './examined-host.ts';
import { within } from './within.ts';

/** Methods that instrumentations are known to replace. */
const patchable: readonly (readonly [object, readonly string[]])[] = [
  [Queue.prototype, ['add', 'addBulk']],
  [FlowProducer.prototype, ['add', 'addBulk']],
  [Job.prototype, ['addJob']],
  [Worker.prototype, ['callProcessJob', 'processJob']],
];

/** Instrumentations that have replaced methods of BullMQ's prototypes. */
export function examinePatches(): readonly DoctorFinding[] {
  const patched = patchable.flatMap(([prototype, names]) =>
    names.filter((name) => isWrapped(prototype, name)).map((name) => `${prototype.constructor.name}.${name}`),
  );
  if (patched.length === 0) return [];
  return [
    {
      code: 'patched',
      level: 'warning',
      about: 'bullmq',
      message: `Another instrumentation has patched ${patched.join(', ')}: jobs are traced twice.`,
      fix: 'Take it out of the list of instrumentations.',
    },
  ];
}

/** By the mark that OpenTelemetry's instrumentations, and those built like them, leave on a function. */
function isWrapped(owner: object, name: string): boolean {
  const member: unknown = Reflect.get(owner, name);
  return typeof member === 'function' && '__wrapped' in member;
}

/** Whether the queue's own Redis answers, and whether an instrumentation makes spans of its commands. */
export async function examineRedis(
  { about, host }: Examined,
  timeoutMs: number,
): Promise<readonly DoctorFinding[]> {
  const client = redisClientOf(host);
  if (client === undefined) return [];
  const ready = await within(timeoutMs, answering(client)).catch(() => undefined);
  if (ready === undefined)
    return [
      {
        code: 'redis_unreachable',
        level: 'error',
        about,
        message: `Its Redis does not answer, not in ${timeoutMs} ms.`,
        fix: 'Look at the address in `connection`, and whether Redis is up.',
      },
    ];
  const prototype: object | null = Object.getPrototypeOf(ready);
  if (prototype === null || !isWrapped(prototype, 'sendCommand') || isQuiet(ready)) return [];
  return [
    {
      code: 'ioredis_instrumented',
      level: 'info',
      about,
      message: "ioredis is instrumented: BullMQ's own commands become spans where a span is active.",
      fix: 'Give BullMQ a connection made quiet by quietRedis(), if you do not want them.',
    },
  ];
}

/** A client that was connected once says so for ever; only an answer tells whether it still is. */
async function answering(client: Promise<PingableClient>): Promise<object> {
  const connected = await client;
  await connected.ping?.();
  return connected;
}

interface PingableClient {
  ping?(): Promise<unknown>;
}
