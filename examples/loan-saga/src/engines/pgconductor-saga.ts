import { recordEvent, type Telemetry, traced } from '@throughline/core';
import type { TaskContext } from '@throughline/pgconductor';
import type { LoanApplication } from '../loan-application.ts';
import type { RiskDecision } from '../outside-world/risk-model.ts';
import type { DoneStage, Saga } from '../saga-engine.ts';
import type { SagaJob } from '../saga-jobs.ts';
import type { SagaPayload } from './saga-payload.ts';

/**
 * One saga on pgconductor: what is done here is a step, what is done elsewhere a child. A span cannot stand open while nothing
 * runs, so the span of a stage is around its work, in the process of the service.
 */
export class PgConductorSaga implements Saga {
  readonly #ctx: TaskContext;
  readonly #telemetry: Telemetry;
  readonly #application: LoanApplication;

  constructor(ctx: TaskContext, telemetry: Telemetry, application: LoanApplication) {
    this.#ctx = ctx;
    this.#telemetry = telemetry;
    this.#application = application;
  }

  async stage(name: string, work: () => Promise<void>): Promise<void> {
    await this.#ctx.step(name, () => traced(this.#telemetry, name, work, { data: { compensation: 'none' } }));
  }

  async stageElsewhere<R>(name: string, job: SagaJob, after: readonly SagaJob[] = []): Promise<DoneStage<R>> {
    await Promise.all(after.map((one) => this.#child(one.name, one)));
    return (await this.#child(name, job, { name })) as DoneStage<R>;
  }

  async compensate(name: string, { span }: DoneStage<unknown>, job: SagaJob): Promise<void> {
    await this.#child(name, job, { name, compensates: span });
  }

  async everyDay(job: SagaJob): Promise<void> {
    const application = this.#application;
    const daily = { name: application.id, cron: '0 9 * * *' };
    await this.#ctx.step(`schedule ${job.name}`, () => this.#ctx.schedule(job, daily, { application }));
    await this.#child(`${job.name} of today`, job);
  }

  async decide(eventType: string, decide: () => RiskDecision): Promise<RiskDecision> {
    return this.#ctx.step(eventType, () => {
      const decision = decide();
      recordEvent(this.#telemetry, eventType, { data: { ...decision }, tags: ['ai'] });
      return decision;
    });
  }

  #child(name: string, job: SagaJob, stage?: SagaPayload['stage']): Promise<unknown> {
    const payload: SagaPayload = { application: this.#application, stage };
    return this.#ctx.invoke(name, job, payload);
  }
}
