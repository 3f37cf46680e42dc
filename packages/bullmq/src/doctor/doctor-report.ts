/** One thing that {@link doctor} found. */
export interface DoctorFinding {
  /** Stable; listed in the guide. Messages may change. */
  readonly code: string;
  /** `error`: something is not seen that should be. `warning`: some of it may not be. `info`: good to know. */
  readonly level: 'error' | 'warning' | 'info';
  /** What it is about: `queue mail`, `worker mail`, `telemetry`, `opentelemetry`. */
  readonly about: string;
  /** What is the case, and what follows from it. */
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}

/** What {@link doctor} says. */
export interface DoctorReport {
  /** Whether there is neither an error nor a warning. */
  readonly healthy: boolean;
  /** Errors first, then warnings, then what is good to know. */
  readonly findings: readonly DoctorFinding[];
  /** The version of BullMQ, where what was examined tells it. */
  readonly bullmqVersion?: string | undefined;
}

const levels: readonly DoctorFinding['level'][] = ['error', 'warning', 'info'];

/** The report on these findings, the worst first. */
export function doctorReport(
  findings: readonly DoctorFinding[],
  bullmqVersion: string | undefined,
): DoctorReport {
  return {
    healthy: findings.every(({ level }) => level === 'info'),
    findings: levels.flatMap((level) => findings.filter((finding) => finding.level === level)),
    bullmqVersion,
  };
}

/**
 * A report as text for people, one paragraph for each finding.
 *
 * @example
 * ```ts
 * import { doctor, formatDoctorReport, Queue } from '@throughline/bullmq';
 *
 * declare const queue: Queue;
 * console.log(formatDoctorReport(await doctor({ queue })));
 * ```
 */
export function formatDoctorReport({ healthy, findings, bullmqVersion }: DoctorReport): string {
  const verdict = healthy ? 'nothing is wrong that can be seen from here' : counted(findings);
  const head = `BullMQ ${bullmqVersion ?? 'of unknown version'}: ${verdict}`;
  return [head, ...findings.map(paragraph)].join('\n\n');
}

function counted(findings: readonly DoctorFinding[]): string {
  const of = (level: DoctorFinding['level']): number =>
    findings.filter((finding) => finding.level === level).length;
  return `errors: ${of('error')}, warnings: ${of('warning')}`;
}

function paragraph({ code, level, about, message, fix }: DoctorFinding): string {
  return `${level} ${code} (${about})\n  ${message}\n  → ${fix}`;
}
