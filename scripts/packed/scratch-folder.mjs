import { join } from 'node:path';

const scratch = process.env.THROUGHLINE_CHECKS_SCRATCH;
if (scratch === undefined)
  throw new Error('this runs as a part of scripts/checks.mjs, which makes the folder');

/** Where `pack` leaves the tarballs, for the checks after it. Outside the repository, like a user's application. */
export const tarballFolder = join(scratch, 'tarballs');

/** An application that has installed them. */
export const consumerFolder = join(scratch, 'consumer');
