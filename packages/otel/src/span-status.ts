import type { SpanOutcome } from '@throughline/core';

/** What an outcome means to OpenTelemetry. */
export type StatusOfOutcome = 'success' | 'error' | 'unset';

/**
 * The OpenTelemetry column of the outcome table. Work that goes on later, or that somebody took back, neither
 * succeeded nor failed.
 */
export const statusOfOutcome: Readonly<Record<SpanOutcome, StatusOfOutcome>> = {
  ok: 'success',
  error: 'error',
  timeout: 'error',
  rejected: 'error',
  dropped: 'error',
  retry: 'error',
  lost: 'error',
  canceled: 'unset',
  delayed: 'unset',
  rate_limited: 'unset',
  waiting: 'unset',
  released: 'unset',
};
