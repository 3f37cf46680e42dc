import { type Telemetry, TelemetryInvalidError } from '@throughline/core';
import { portOf, type TelemetrySource } from '../settings/port-of.ts';
import { type DoctorFinding, type DoctorReport, doctorReport } from './doctor-report.ts';
import { bullmqVersionOf, examineCopies, examineVersion } from './examine-copies.ts';
import { compareHosts, examineClosed, examineHost } from './examine-host.ts';
import { examinePatches, examineRedis } from './examine-patches.ts';
import { examineTelemetry } from './examine-telemetry.ts';
import { type Examinable, type Examined, examined, telemetryOf } from './examined-host.ts';
import { within } from './within.ts';

/** What {@link doctor} is to look at; the more of it, the more it can tell. */
export interface DoctorOptions {
  readonly queue?: Examinable | undefined;
  readonly worker?: Examinable | undefined;
  readonly flowProducer?: Examinable | undefined;
  /** @default the telemetry of what is given above */
  readonly telemetry?: TelemetrySource;
  /** Asked for findings of their own: `diagnoseOtel` of `@throughline/otel`. */
  readonly ask?: readonly (() => readonly DoctorFinding[])[] | undefined;
  /** How long Redis, a flush and each question may take, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * Tells why nothing shows, or not all: looks at how queue, worker and flow producer were constructed, tries their
 * telemetry out with a point named `doctor:probe`, flushes it, and lists what it found with what to do about it.
 *
 * Meant for a console, a start-up log or a health endpoint while you set things up. It never rejects, and takes hardly
 * longer than `timeoutMs`.
 *
 * @example
 * ```ts
 * import { doctor, formatDoctorReport, Queue, Worker } from '@throughline/bullmq';
 * import { createOtelTelemetry, diagnoseOtel } from '@throughline/otel';
 *
 * const connection = { host: '127.0.0.1', port: 6379 };
 * const telemetry = createOtelTelemetry();
 * const queue = new Queue('mail', { connection, telemetry });
 * const worker = new Worker('mail', async () => {}, { connection, telemetry });
 *
 * console.log(formatDoctorReport(await doctor({ queue, worker, ask: [diagnoseOtel] })));
 * ```
 */
export async function doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { queue, worker, flowProducer, telemetry, ask = [], timeoutMs }: DoctorOptions = { ...options };
  const limitMs = usable(timeoutMs);
  const hosts: Examined[] = [];
  const findings: DoctorFinding[] = [];
  const look = async (examine: () => readonly DoctorFinding[] | Promise<readonly DoctorFinding[]>) => {
    try {
      findings.push(...(await examine()));
    } catch (error) {
      findings.push(unreadable(error));
    }
  };
  await look(() => {
    if (queue) hosts.push(examined('queue', queue));
    if (worker) hosts.push(examined('worker', worker));
    if (flowProducer) hosts.push(examined('flow producer', flowProducer));
    return [];
  });
  const ports = new Set<Telemetry>();
  await look(() => {
    if (telemetry !== undefined) ports.add(portOf(telemetry));
    return [];
  });
  for (const host of hosts) {
    await look(() => examineHost(host));
    await look(() => examineClosed(host));
    await look(() => examineCopies(host));
    const port = telemetryOf(host);
    if (port && telemetry === undefined) ports.add(port);
  }
  if (hosts.length === 0 && ports.size === 0 && findings.length === 0) findings.push(nothingGiven);
  await look(() => compareHosts(hosts));
  await look(examinePatches);
  const version = hosts.map(({ host }) => bullmqVersionOf(host)).find((found) => found !== undefined);
  await look(() => examineVersion(version));
  const open = hosts.filter(({ host }) => !host.closing);
  await Promise.all([
    ...open.map((host) => look(() => examineRedis(host, limitMs))),
    ...[...ports].map((port) => look(() => examineTelemetry(port, limitMs))),
    ...[ask].flat().map((question) => look(() => answerTo(question, limitMs))),
  ]);
  return doctorReport(findings, version);
}

type Question = NonNullable<DoctorOptions['ask']>[number];

/** Questions answer at once, by their type; nothing keeps one from being asynchronous. */
async function answerTo(question: Question, timeoutMs: number): Promise<readonly DoctorFinding[]> {
  const answer = await within(timeoutMs, question());
  if (answer === undefined) throw new TypeError(`A question of \`ask\` was not answered in ${timeoutMs} ms.`);
  return answer;
}

const defaultTimeoutMs = 5_000;
/** What timers can hold. */
const longestTimeoutMs = 2 ** 31 - 1;

function usable(timeoutMs: number = defaultTimeoutMs): number {
  return timeoutMs >= 0 ? Math.min(timeoutMs, longestTimeoutMs) : defaultTimeoutMs;
}

const nothingGiven: DoctorFinding = {
  code: 'nothing_given',
  level: 'error',
  about: 'doctor',
  message: 'It was given nothing to look at, or no telemetry.',
  fix: 'Call doctor({ queue, worker }) with those of your application.',
};

function unreadable(error: unknown): DoctorFinding {
  const isInvalid = error instanceof TelemetryInvalidError;
  return {
    code: isInvalid ? 'telemetry_invalid' : 'unreadable',
    level: isInvalid ? 'error' : 'warning',
    about: isInvalid ? 'telemetry' : 'doctor',
    message: error instanceof Error ? error.message : 'What it was given throws when it is looked at.',
    fix: isInvalid
      ? 'Give createOtelTelemetry(), createEventTelemetry(…) or what bullmqTelemetry() returned.'
      : 'Give it queues, workers, flow producers and a telemetry.',
  };
}
