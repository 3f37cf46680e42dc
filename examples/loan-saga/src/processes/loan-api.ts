import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extractTraceContext, traced } from '@throughline/core';
import type { LoanApplication } from '../loan-application.ts';
import { jobs } from '../saga-jobs.ts';
import { runSagaProcess } from '../saga-process.ts';
import { tell } from '../tell.ts';

await runSagaProcess('loan-api', async ({ engine, telemetry }) => {
  const inbox = await engine.openInbox();
  const notices = await engine.serve([
    {
      job: jobs.informApplicant,
      run: async ({ applicant, id }) => tell(`${applicant} is told how ${id} stands`),
    },
  ]);

  /** A caller from outside is linked, not believed as a parent. */
  const submit = (request: IncomingMessage): Promise<{ id: string }> => {
    const caller = extractTraceContext(request.headers);
    const links = caller === undefined ? [] : [{ context: caller }];
    return traced(
      telemetry,
      'POST /loan-applications',
      async () => {
        const application = (await readJson(request)) as LoanApplication;
        const id = await inbox.submit(application);
        tell(`application ${application.id} accepted`);
        return { id };
      },
      { kind: 'server', links },
    );
  };

  const stateOf = async (id: string): Promise<{ hasEnded: boolean }> => ({
    hasEnded: await inbox.hasEnded(id),
  });

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
      await notices.stop();
      await inbox.stop();
    },
  };
});

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}
