/**
 * The attribute names this adapter writes, in one place because the messaging conventions are still in development.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ | OpenTelemetry semantic conventions 1.43: messaging spans}
 */
export const attributeNames = {
  system: 'messaging.system',
  operationType: 'messaging.operation.type',
  operationName: 'messaging.operation.name',
  destination: 'messaging.destination.name',
  messageId: 'messaging.message.id',
  batchCount: 'messaging.batch.message_count',
  clientId: 'messaging.client.id',
  errorType: 'error.type',
  jobName: 'throughline.job.name',
  outcome: 'throughline.outcome',
  attempt: 'throughline.attempt',
  maxAttempts: 'throughline.max_attempts',
  waitDuration: 'throughline.wait.duration',
  relation: 'throughline.relation',
  originTraceId: 'throughline.origin.trace_id',
} as const;
