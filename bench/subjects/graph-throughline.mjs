import { createTraceGraph } from '@throughline/core/trace-graph';
import { graphBuilds } from './graph-builds.mjs';

export default graphBuilds(import.meta.url, (events) => createTraceGraph(events).roots().length);
