import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Queue, Worker } from '@throughline/bullmq';
import { extractTraceContext, traced } from '@throughline/core';
import { jobs, type LoanApplication, queues } from '../loan-application.ts';
import { runSagaProcess, tell } from '../saga-process.ts';

await runSagaProcess('loan-api', async (telemetry, settings) => {
  const loans = new Queue<LoanApplication>(queues.loan, { ...settings, telemetry });
  const notices = new Worker<LoanApplication>(
    queues.notices,
    async ({ data }) => tell(`${data.applicant} is told how ${data.id} stands`),
    { ...settings, telemetry },
  );
  await Promise.all([loans.waitUntilReady(), notices.waitUntilReady()]);

  /** A caller from outside is linked, not believed as a parent. */
  const submit = (request: IncomingMessage): Promise<LoanApplication> => {
    const caller = extractTraceContext(request.headers);
    const links = caller === undefined ? [] : [{ context: caller }];
    return traced(
      telemetry,
      'POST /loan-applications',
      async () => {
        const application = (await readJson(request)) as LoanApplication;
        await loans.add(jobs.apply, application, { jobId: application.id });
        tell(`application ${application.id} accepted`);
        return application;
      },
      { kind: 'server', links },
    );
  };

  const stateOf = async (id: string): Promise<{ id: string; state: string }> => {
    const job = await loans.getJob(id);
    return { id, state: job === undefined ? 'unknown' : await job.getState() };
  };

  const server = createServer((request, response) => {
    const id = request.url?.split('/')[2];
    const answer = id === undefined ? submit(request) : stateOf(id);
    answer.then(
      (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    ready: { port: (server.address() as AddressInfo).port },
    async stop() {
      server.close();
      await notices.close();
      await loans.obliterate({ force: true });
      await loans.close();
    },
  };
});

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}
