import { bulkAndFlows } from './plays/bulk-and-flows.ts';
import { byHand } from './plays/by-hand.ts';
import { carriers } from './plays/carriers.ts';
import { duplicates } from './plays/duplicates.ts';
import { handingBack } from './plays/handing-back.ts';
import { lostWorkers } from './plays/lost-workers.ts';
import { repeating } from './plays/repeating.ts';
import { running } from './plays/running.ts';
import { sandboxes } from './plays/sandboxes.ts';
import { waiting } from './plays/waiting.ts';
import type { SituationGroup } from './situation.ts';

/** Every situation, in the order of the page. */
export const situations: readonly SituationGroup[] = [
  { heading: 'A job runs', plays: running },
  { heading: 'A processor hands its job back', plays: handingBack },
  { heading: 'A job waits', plays: waiting },
  { heading: 'Several jobs in one call', plays: bulkAndFlows },
  { heading: 'Jobs that come again', plays: repeating },
  { heading: 'A job that is there already', plays: duplicates },
  { heading: 'Somebody steps in', plays: byHand },
  { heading: 'Workers that stop, stall or die', plays: lostWorkers },
  { heading: 'Processors in a file', plays: sandboxes },
  { heading: 'Where a job comes from', plays: carriers },
];
