import { recordEvent, type Telemetry, traced } from '@throughline/core';
import type { LoanApplication } from '../loan-application.ts';
import type { RiskDecision } from '../outside-world/risk-model.ts';
import type { DoneStage, Saga } from '../saga-engine.ts';
import type { SagaJob } from '../saga-jobs.ts';
import type { BullmqService } from './bullmq-service.ts';

/** One saga on BullMQ: a stage is a span around the job that is waited for. */
export class BullmqSaga implements Saga {
  readonly #telemetry: Telemetry;
  readonly #services: readonly BullmqService[];
  readonly #application: LoanApplication;

  constructor(telemetry: Telemetry, services: readonly BullmqService[], application: LoanApplication) {
    this.#telemetry = telemetry;
    this.#services = services;
    this.#application = application;
  }

  async stage(name: string, work: () => Promise<void>): Promise<void> {
    await traced(this.#telemetry, name, work, { data: { compensation: 'none' } });
  }

  async stageElsewhere<R>(name: string, job: SagaJob, after: readonly SagaJob[] = []): Promise<DoneStage<R>> {
    return traced(this.#telemetry, name, async ({ context }) => {
      const result = await this.#service(job).perform<R>(job, this.#application, after);
      return { result, span: context };
    });
  }

  async compensate(name: string, { span }: DoneStage<unknown>, job: SagaJob): Promise<void> {
    await traced(this.#telemetry, name, () => this.#service(job).perform(job, this.#application), {
      compensates: span,
    });
  }

  async everyDay(job: SagaJob): Promise<void> {
    await this.#service(job).performDaily(job, this.#application);
  }

  async decide(eventType: string, decide: () => RiskDecision): Promise<RiskDecision> {
    const decision = decide();
    recordEvent(this.#telemetry, eventType, { data: { ...decision }, tags: ['ai'] });
    return decision;
  }

  #service({ queue }: SagaJob): BullmqService {
    const service = this.#services.find(({ queueName }) => queueName === queue);
    if (service === undefined) throw new Error(`The saga has no service ${queue}`);
    return service;
  }
}
