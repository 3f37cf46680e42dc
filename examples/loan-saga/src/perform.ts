import type { LoanApplication } from './loan-application.ts';
import type { ServiceWork } from './saga-engine.ts';
import { tell } from './tell.ts';

/** Does a job, and tells when it fails. */
export async function perform({ job, run }: ServiceWork, application: LoanApplication): Promise<unknown> {
  try {
    return await run(application);
  } catch (error) {
    tell(`${job.name} failed: ${error instanceof Error ? error.message : error}`);
    throw error;
  }
}
