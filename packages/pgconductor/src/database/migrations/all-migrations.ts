import { tables } from './0001-tables.ts';
import { clock } from './0002-clock.ts';
import { claim } from './0003-claim.ts';
import { settle } from './0004-settle.ts';
import { invoke } from './0005-invoke.ts';
import { upkeep } from './0006-upkeep.ts';
import { triggers } from './0007-triggers.ts';
import { steps } from './0008-steps.ts';
import { rowChanges } from './0009-row-changes.ts';
import { schedules } from './0010-schedules.ts';
import { clients } from './0011-clients.ts';
import { observation } from './0012-observation.ts';
import type { Migration } from './migration.ts';

/** In the order in which they are applied. */
export const allMigrations: readonly Migration[] = [
  tables,
  clock,
  claim,
  settle,
  invoke,
  upkeep,
  triggers,
  steps,
  rowChanges,
  schedules,
  clients,
  observation,
];
