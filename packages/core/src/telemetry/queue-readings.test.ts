import { describe, expect, it } from 'vitest';
import { createRecordingTelemetry } from '../testing/recording-telemetry.ts';
import { observeQueueReadings, type QueueReading } from './queue-readings.ts';

const attributes = { 'messaging.system': 'outbox', 'messaging.destination.name': 'mail' };
const mail: QueueReading = { attributes, depth: { waiting: 3, failed: 1 }, oldestAge: 2.5, polledAt: 1_000 };

/** What is shown when metrics are collected: name, value and attributes. */
function shown(readings: readonly QueueReading[]): readonly unknown[] {
  const telemetry = createRecordingTelemetry();
  observeQueueReadings(telemetry, () => readings);
  return telemetry.collect().map(({ name, value, attributes }) => [name, value, attributes]);
}

describe('observeQueueReadings', () => {
  it('shows depth by state, age and time of a queue', () => {
    expect(shown([mail])).toEqual([
      ['throughline.queue.depth', 3, { ...attributes, 'throughline.queue.state': 'waiting' }],
      ['throughline.queue.depth', 1, { ...attributes, 'throughline.queue.state': 'failed' }],
      ['throughline.queue.oldest.age', 2.5, attributes],
      ['throughline.queue.poll.timestamp', 1_000, attributes],
    ]);
  });

  it('shows no age where nobody looked', () => {
    const names = shown([{ ...mail, depth: {}, oldestAge: undefined }]).map((point) => [point].flat()[0]);
    expect(names).toEqual(['throughline.queue.poll.timestamp']);
  });

  it('shows nothing of what is not known', () => {
    expect(shown([])).toEqual([]);
  });

  it('shows what is known each time, until it is ended', () => {
    const telemetry = createRecordingTelemetry();
    let polledAt = 1;
    const stop = observeQueueReadings(telemetry, () => [
      { ...mail, depth: {}, oldestAge: undefined, polledAt },
    ]);
    const first = telemetry.collect().map(({ value }) => value);
    polledAt = 2;
    const second = telemetry.collect().map(({ value }) => value);
    stop();

    expect([first, second, telemetry.collect()]).toEqual([[1], [2], []]);
  });
});
