'use strict';
/*
 * OpenTelemetry as its own documentation sets it up, loaded first with `node --require`. Resource detectors are off, and
 * errors have no stack frames, so that a recording names no machine and no folder.
 */
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

Error.stackTraceLimit = 0;

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });

process.once('SIGTERM', () => provider.shutdown().finally(() => process.exit(0)));
