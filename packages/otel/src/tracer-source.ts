import { ProxyTracerProvider, type Tracer, type TracerProvider, trace } from '@opentelemetry/api';

/** Where spans are started. */
export interface TracerSource {
  /** The tracer to use for this one call. */
  current(): Tracer;
  /** Whether a tracer other than the API's no-op answers. */
  isRegistered(): boolean;
  /** What can be asked to flush, when it can be known. */
  provider(): TracerProvider | undefined;
}

/** What the global proxy delegates to before anything is registered. */
const unregisteredProvider: TracerProvider = new ProxyTracerProvider().getDelegate();

/** A tracer that was given, and the provider it came from when that was given too. */
export function fixedTracer(tracer: Tracer, provider?: TracerProvider): TracerSource {
  return { current: () => tracer, isRegistered: () => true, provider: () => provider };
}

/**
 * The tracer of whichever provider is registered at the time of each call.
 *
 * The API's own proxy tracer keeps the first provider for ever; asking for the delegate's identity costs about as
 * much and also finds a provider that was registered again.
 */
export function globalTracer(scope: string, scopeVersion: string | undefined): TracerSource {
  let provider = unregisteredProvider;
  let tracer = provider.getTracer(scope, scopeVersion);

  function current(): Tracer {
    const registered = registeredTracerProvider();
    if (registered !== provider) {
      provider = registered;
      tracer = registered.getTracer(scope, scopeVersion);
    }
    return tracer;
  }

  return {
    current,
    isRegistered: isTracerProviderRegistered,
    provider: registeredTracerProvider,
  };
}

/** Never answers with a recording span: what remains of a telemetry that was shut down. */
export const stoppedTracer: TracerSource = {
  current: () => unregisteredProvider.getTracer(''),
  isRegistered: () => false,
  provider: () => undefined,
};

/** Whether a provider is registered globally that this copy of the API can see. */
export function isTracerProviderRegistered(): boolean {
  return registeredTracerProvider() !== unregisteredProvider;
}

function registeredTracerProvider(): TracerProvider {
  const provider: TracerProvider & Partial<ProxyTracerProvider> = trace.getTracerProvider();
  return provider.getDelegate?.() ?? provider;
}
