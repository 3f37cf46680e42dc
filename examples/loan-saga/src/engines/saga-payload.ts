import type { TraceContext } from '@throughline/core';
import type { LoanApplication } from '../loan-application.ts';

/** What a task of the saga is given. */
export interface SagaPayload {
  readonly application: LoanApplication;
  /** The span around the work of a stage, and what it undoes. */
  readonly stage?: { readonly name: string; readonly compensates?: TraceContext | undefined } | undefined;
}
