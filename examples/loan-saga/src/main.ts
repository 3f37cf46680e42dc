import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isThroughlineError } from '@throughline/core';
import { ServerUnavailableError } from '@throughline/testkit';
import pc from 'picocolors';
import { type DemoOptions, runDemo } from './demo.ts';
import { OtlpEndpointError } from './otlp-endpoint.ts';
import { printReport } from './report.ts';

const HELP = `Runs a loan application as a saga over four processes and explains what happened.

Usage: npm run demo -- [options]

  --amount EUROS   how much to ask for; the bank has 100000 for loans (default 250000)
  --store DIR      where the journal is kept (default: THROUGHLINE_STORE, else ./.throughline)
  --postgres       on PostgreSQL with pgconductor (default: on Redis with BullMQ, where a Redis can be had)
  --otlp URL       send spans to an OTLP/HTTP endpoint of your own, a Jaeger for example
  --help           this text

Exit codes: 0 the story was told; 1 something broke; 2 a part is missing, one line says what to set,
or an option is not understood.`;

const WHAT_NEXT = {
  bullmq: `
  next      npm run demo -- --amount 40000   the bank has the money: nothing to undo
            npm run demo -- --postgres       the same on PostgreSQL alone, as durable executions
            npm run demo -- --help           spans into a backend of your own`,
  pgconductor: `
  next      npm run demo -- --postgres --amount 40000   the bank has the money: nothing to undo
            npm run demo -- --help                      spans into a backend of your own`,
};

const EXIT_BROKEN = 1;
const EXIT_PART_MISSING = 2;
const EXIT_NOT_UNDERSTOOD = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;

  console.log(pc.bold('\nA loan application, four processes, one thread'));
  console.log('The bank has 100,000 € for loans. Ask it for more, and what was done has to be undone.\n');
  try {
    const result = await runDemo({ ...options, onProgress: printProgress });
    printReport(result);
    console.log(WHAT_NEXT[result.server.engine]);
    return 0;
  } catch (error) {
    return explainBreakdown(error);
  }
}

function readOptions(): Omit<DemoOptions, 'onProgress'> | number {
  try {
    const { values } = parseArgs({
      options: {
        amount: { type: 'string', default: '250000' },
        store: { type: 'string', default: process.env.THROUGHLINE_STORE ?? '.throughline' },
        otlp: { type: 'string' },
        postgres: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const amount = Number(values.amount);
    if (!Number.isSafeInteger(amount) || amount <= 0)
      throw new Error('--amount takes a whole number of euros');
    const engine = values.postgres ? 'pgconductor' : undefined;
    return { amount, directory: resolve(values.store), otlpEndpoint: values.otlp, engine };
  } catch (error) {
    const [problem] = (error as Error).message.split('. '); // what Node advises behind it is for others
    console.error(`${problem}. These are the options:\n\n${HELP}`);
    return EXIT_NOT_UNDERSTOOD;
  }
}

function printProgress(who: string, text: string): void {
  console.log(`  ${pc.dim(who.padEnd(15))} ${text}`);
}

function explainBreakdown(error: unknown): number {
  if (error instanceof ServerUnavailableError || error instanceof OtlpEndpointError) {
    console.error(`\n${error.message}`);
    return EXIT_PART_MISSING;
  }
  console.error(isThroughlineError(error) ? `\n${error.message}` : error);
  return EXIT_BROKEN;
}
