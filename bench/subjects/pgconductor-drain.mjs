import { pgconductorQueue } from './pgconductor-queue.mjs';
import { telemetryOf } from './pgconductor-telemetry.mjs';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;
const options = telemetryOf(settings);

export default postgresDrain((url) => pgconductorQueue(url, { options }), settings);
