/** Writes the measured sizes into the README: `pnpm sizes:update`, after a build. */
import { writeFileSync } from 'node:fs';
import { measuredSizes, readBudgets } from './budgets/measured-sizes.mjs';
import { readme, readmeText, withMeasuredSizes } from './budgets/readme-sizes.mjs';

const bytes = await measuredSizes(readBudgets().size);
writeFileSync(readme, withMeasuredSizes(readmeText(), bytes));
