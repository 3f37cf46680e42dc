import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumerFolder } from '../packed/scratch-folder.mjs';
import { runNode } from '../workspace/run-program.mjs';

/** A tool that knows neither `module-sync` nor ESM: jest, with CommonJS tests over what is made for tests. */
const test = `
const core = require('@throughline/core');
const testing = require('@throughline/core/testing');

test('a CommonJS test records telemetry', async () => {
  const telemetry = testing.createRecordingTelemetry();
  await core.traced(telemetry, 'charge card', async () => 'done');
  expect(telemetry.find('charge card')).toMatchObject({ outcome: 'ok' });
});

test('a CommonJS test asserts on a trace', () => {
  const story = testing.loanSagaStory();
  testing.expectTrace(story).toHaveRetried(1);
  expect(() => testing.expectTrace(story).toHaveRetried(7)).toThrow(testing.TraceAssertionError);
});

const { MemoryTraceStore } = require('@throughline/core/events');
const { testPropagation, testTraceStore } = require('@throughline/conformance');

testTraceStore({ test, open: () => new MemoryTraceStore() });
testPropagation({ test, open: () => core.w3cPropagation });
`;

export async function run() {
  writeFileSync(join(consumerFolder, 'recording.test.js'), test);
  const jest = [
    '--rootDir',
    consumerFolder,
    '--config',
    '{"transform":{},"testEnvironment":"node","watchman":false}',
    '--no-cache',
  ];
  const { code, output } = await runNode('node_modules/jest/bin/jest.js', jest, { cwd: consumerFolder });
  return { problems: code === 0 ? [] : [output] };
}
