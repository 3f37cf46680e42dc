import {
  type Carrier,
  describeError,
  type FlushResult,
  noopTelemetry,
  type Telemetry,
  telemetryHealth,
} from '@throughline/core';
import type { DoctorFinding } from './doctor-report.ts';

/** Samplers that keep one trace in a hundred would nearly always be told to be off by a single probe. */
const mostProbes = 300;
const probeName = 'doctor:probe';
const about = 'telemetry';

/**
 * Tries a telemetry out: starts points named `doctor:probe` until one is recorded, writes and reads a carrier, flushes.
 *
 * @param telemetry guarded
 */
export async function examineTelemetry(
  telemetry: Telemetry,
  timeoutMs: number,
): Promise<readonly DoctorFinding[]> {
  if (telemetry === noopTelemetry) return [off];
  const findings = [...examineSignals(telemetry), ...examinePropagation(telemetry)];
  // The probe goes first: without anything to export, a flush says nothing about the exporter.
  const flushed = await telemetry.flush({ timeoutMs });
  return [
    ...findings,
    ...examineFlush(flushed, timeoutMs),
    ...examineAccount(flushed),
    ...examineHealth(telemetry),
  ];
}

const off: DoctorFinding = {
  code: 'telemetry_off',
  level: 'error',
  about,
  message: 'It is the no-op: nothing is recorded.',
  fix: 'Pass createOtelTelemetry(), createEventTelemetry(…), or both by combineTelemetry.',
};

function examineSignals(telemetry: Telemetry): readonly DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  if (!telemetry.isEnabled('spans'))
    findings.push({
      code: 'spans_off',
      level: 'error',
      about,
      message:
        'Nothing takes spans: no OpenTelemetry tracer provider is registered, or the telemetry was shut down.',
      fix: 'Register an SDK, NodeTracerProvider#register() for example. If you did, there may be two copies of @opentelemetry/api: ask diagnoseOtel() of @throughline/otel.',
    });
  else if (!isProbeRecorded(telemetry))
    findings.push({
      code: 'nothing_sampled',
      level: 'error',
      about,
      message: `Spans are taken, but none of ${mostProbes} was recorded: the sampler says no, or tracing is suppressed here.`,
      fix: 'Look at the sampler (OTEL_TRACES_SAMPLER), and call doctor() outside of suppressTracing.',
    });
  if (!telemetry.isEnabled('measurements'))
    findings.push({
      code: 'measurements_off',
      // Stored events have no measurements: only a telemetry that chooses its ids, as OpenTelemetry's does, could take them.
      level: telemetry.identity === 'own' ? 'warning' : 'info',
      about,
      message: 'Nothing takes measurements: there will be no metrics.',
      fix: 'Register a MeterProvider with OpenTelemetry, if you want metrics.',
    });
  return findings;
}

function isProbeRecorded(telemetry: Telemetry): boolean {
  for (let probes = 0; probes < mostProbes; probes += 1) {
    const span = telemetry.startSpan(probeName, { parent: null, eventType: probeName });
    const { isRecording } = span;
    span.end();
    if (isRecording) return true;
  }
  return false;
}

function examinePropagation({ propagation }: Telemetry): readonly DoctorFinding[] {
  const carrier: Carrier = {};
  propagation.inject(
    { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
    carrier,
  );
  const back = propagation.extract(carrier);
  const fields = Object.keys(carrier).join(', ') || 'nothing';
  if (back?.spanId !== 'b7ad6b7169203331')
    return [
      {
        code: 'propagation_broken',
        level: 'error',
        about,
        message: `The propagator does not read what it writes (${fields}): jobs do not continue their trace.`,
        fix: "Register W3CTraceContextPropagator, or createOtelTelemetry({ propagator: 'w3c' }).",
      },
    ];
  if (carrier.traceparent !== undefined) return [];
  return [
    {
      code: 'propagator_foreign',
      level: 'warning',
      about,
      message: `The propagator writes ${fields} and no traceparent: no carrier is written beside jobs.`,
      fix: "Add W3CTraceContextPropagator to it, or createOtelTelemetry({ propagator: 'w3c' }).",
    },
  ];
}

function examineFlush({ complete, reason, error }: FlushResult, timeoutMs: number): readonly DoctorFinding[] {
  if (complete === true) return [];
  if (complete === 'unknown')
    return [
      {
        code: 'flush_unknown',
        level: 'info',
        about,
        message: 'Nobody can be asked whether what was recorded has left.',
        fix: 'Pass the provider, or forceFlush, to createOtelTelemetry().',
      },
    ];
  const why =
    reason === 'timeout' ? `not done in ${timeoutMs} ms` : error === undefined ? 'failed' : wordsOf(error);
  return [
    {
      code: reason === 'timeout' ? 'flush_timeout' : 'flush_failed',
      level: 'error',
      about,
      message: `What was recorded does not leave: ${why}.`,
      fix: 'Look at the address and the credentials of the exporter or the store, and whether it is up.',
    },
  ];
}

function examineAccount({ account }: FlushResult): readonly DoctorFinding[] {
  if (account === undefined) return [];
  const dropped = countsOf(account.dropped);
  const findings: DoctorFinding[] = [];
  if (dropped !== '')
    findings.push({
      code: 'events_dropped',
      level: 'warning',
      about,
      message: `The event writer has dropped events: ${dropped}. Traces have gaps.`,
      fix: 'Give the writer a spool and a larger buffer, or the store more room.',
    });
  if (account.rejected > 0)
    findings.push({
      code: 'events_rejected',
      level: 'warning',
      about,
      message: `The store has rejected ${account.rejected} events.`,
      fix: 'The errors of the store say why; look at the limits of its documentation.',
    });
  if (account.spooled > 0)
    findings.push({
      code: 'events_spooled',
      level: 'warning',
      about,
      message: `${account.spooled} events wait in the spool: the store does not take them.`,
      fix: 'Nothing, if the store comes back; they are brought to it then.',
    });
  return findings;
}

function examineHealth(telemetry: Telemetry): readonly DoctorFinding[] {
  const { failures, lastError, ambient, rejectedCarriers } = telemetryHealth(telemetry);
  const failed = countsOf(failures);
  const rejected = countsOf(rejectedCarriers);
  const findings: DoctorFinding[] = [];
  if (failed !== '')
    findings.push({
      code: 'telemetry_failing',
      level: 'error',
      about,
      message: `Its hooks have failed: ${failed}. Last: ${wordsOf(lastError)}.`,
      fix: 'The error names what to mend; jobs were not affected.',
    });
  if (!ambient)
    findings.push({
      code: 'no_ambient_context',
      level: 'warning',
      about,
      message:
        'It has no ambient context: a job that a processor or a request adds begins a trace of its own.',
      fix: 'Register a context manager (an SDK does), or give createEventTelemetry an AsyncLocalStorage as `ambient`.',
    });
  if (rejected !== '')
    findings.push({
      code: 'carriers_rejected',
      level: 'warning',
      about,
      message: `Carriers of jobs were not believed: ${rejected}. Those jobs began a trace of their own.`,
      fix: 'Find out who adds those jobs; the guide says which carriers of others are understood.',
    });
  return findings;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${word} ${count}`)
    .join(', ');
}

function wordsOf(error: unknown): string {
  const { type, message } = describeError(error, { maxMessageLength: 300 });
  return message === '' ? type : `${type}: ${message}`;
}
