import { type Telemetry, traced } from '@throughline/core';
import {
  Conductor,
  defineTask,
  Orchestrator,
  type Task,
  type TaskContext,
  typed,
} from '@throughline/pgconductor';
import { perform } from '../perform.ts';
import type { RunSaga, SagaEngine, SagaInbox, ServiceWork, Stoppable } from '../saga-engine.ts';
import { jobs, RETRY_AFTER_MS, type SagaJob } from '../saga-jobs.ts';
import { PgConductorSaga } from './pgconductor-saga.ts';
import type { SagaPayload } from './saga-payload.ts';

/** Where the executions of this run live. */
export interface PgConductorSettings {
  readonly connectionString: string;
  readonly schema: string;
  readonly telemetry: Telemetry;
}

/** The saga on pgconductor: its execution occupies no worker while it waits, and begins anew after each wait. */
export class PgConductorEngine implements SagaEngine {
  readonly #telemetry: Telemetry;
  readonly #conductor: SagaConductor;

  constructor(settings: PgConductorSettings) {
    this.#telemetry = settings.telemetry;
    this.#conductor = openConductor(settings);
  }

  async openInbox(): Promise<SagaInbox> {
    const conductor = this.#conductor;
    await conductor.migrate();
    return {
      async submit(application) {
        return String(await conductor.invoke(jobs.apply, { application }));
      },
      async hasEnded(id) {
        return (await conductor.get(id))?.finishedAt !== undefined;
      },
      async stop() {},
    };
  }

  async runSagas(runSaga: RunSaga): Promise<Stoppable> {
    const task = this.#task(jobs.apply, ({ application }, ctx) =>
      runSaga(new PgConductorSaga(ctx, this.#telemetry, application), application),
    );
    return this.#start([task]);
  }

  async serve(work: readonly [ServiceWork, ...ServiceWork[]]): Promise<Stoppable> {
    return this.#start(
      work.map((one) => this.#task(one.job, (payload, ctx) => this.#serveOne(one, payload, ctx))),
    );
  }

  close(): Promise<void> {
    return this.#conductor.close();
  }

  async #serveOne(
    work: ServiceWork,
    { application, stage }: SagaPayload,
    ctx: TaskContext,
  ): Promise<unknown> {
    const lockedMs = (await work.lockedFor?.(application)) ?? 0;
    if (lockedMs > 0) await ctx.sleep('until it is open', lockedMs);
    if (stage === undefined) return perform(work, application);
    return traced(
      this.#telemetry,
      stage.name,
      async ({ context }) => ({ result: await perform(work, application), span: context }),
      { compensates: stage.compensates },
    );
  }

  #task(
    { name, attempts = 1 }: SagaJob,
    handle: (payload: SagaPayload, ctx: TaskContext) => Promise<unknown>,
  ): Task {
    const settings = { name, maxAttempts: attempts, backoff: [RETRY_AFTER_MS] };
    return this.#conductor.createTask(settings, { invocable: true }, ({ payload }, ctx) =>
      handle(payload, ctx),
    );
  }

  async #start(tasks: readonly Task[]): Promise<Stoppable> {
    const orchestrator = Orchestrator.create({ conductor: this.#conductor, tasks });
    await orchestrator.start();
    return { stop: () => orchestrator.stop() };
  }
}

type SagaConductor = ReturnType<typeof openConductor>;

function openConductor({ connectionString, schema, telemetry }: PgConductorSettings) {
  const tasks = Object.values(jobs).map(({ name, queue }) =>
    defineTask({ name, queue, payload: typed<SagaPayload>() }),
  );
  return Conductor.create({
    connectionString,
    schema,
    telemetry,
    telemetryOptions: { depthIntervalMs: 500 },
    tasks,
  });
}
