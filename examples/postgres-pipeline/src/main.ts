import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ServerUnavailableError } from '@throughline/testkit';
import { printReport } from './print-report.ts';
import { type PipelineOptions, runPipeline } from './run-pipeline.ts';

const HELP = `Sends two orders through a pipeline on PostgreSQL and explains what became of them.

Usage: node dist/main.js [options]

  --store DIR   where the journal is kept (default: THROUGHLINE_STORE, else ./.throughline)
  --otlp URL    send spans and metrics to an OTLP/HTTP endpoint of your own, a Jaeger for example
  --help        this text

Exit codes: 0 the story was told; 1 something broke; 2 no PostgreSQL could be had, one line says what to do,
or an option is not understood.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  try {
    const result = await runPipeline({ ...options, onProgress: printProgress });
    await printReport(options.directory, result);
    return 0;
  } catch (error) {
    const isMissing = error instanceof ServerUnavailableError;
    console.error(isMissing ? error.message : error);
    return isMissing ? 2 : 1;
  }
}

function readOptions(): Pick<PipelineOptions, 'directory' | 'otlpEndpoint'> | number {
  try {
    const { values } = parseArgs({
      options: {
        store: { type: 'string', default: process.env.THROUGHLINE_STORE ?? '.throughline' },
        otlp: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) console.log(HELP);
    return values.help ? 0 : { directory: resolve(values.store), otlpEndpoint: values.otlp };
  } catch (error) {
    const [problem] = (error as Error).message.split('. '); // what Node advises behind it is for others
    console.error(`${problem}. These are the options:\n\n${HELP}`);
    return 2;
  }
}

function printProgress(who: string, text: string): void {
  console.log(`  ${who.padEnd(9)} ${text}`);
}
