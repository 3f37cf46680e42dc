import { demandOption } from '../errors/demand-option.ts';
import { ATTR_THROUGHLINE_SOURCE } from '../semantic-conventions/otlp.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import { asFields, asText } from '../trace-graph/event-data.ts';
import type { TraceSpan } from '../trace-graph/trace-span.ts';
import { toKeyValues } from './any-value.ts';
import { exportedSpan } from './exported-span.ts';
import type { OtlpResourceSpans, OtlpScopeSpans, OtlpSpan, OtlpTraces } from './otlp-json.ts';
import { Timeline } from './span-times.ts';

/** How events are written as OTLP. */
export interface ToOtlpOptions {
  /**
   * Keeps every stored event, as JSON, in a span event, so that `fromOtlp` gives back the same events. `false`: what
   * OpenTelemetry and the `throughline.*` attributes can say is all there is; about half the size.
   *
   * @default true
   */
  readonly lossless?: boolean | undefined;
  /** What to do with spans that have not ended: `mark` them with `throughline.open`, or `omit` them. @default 'mark' */
  readonly open?: 'mark' | 'omit' | undefined;
  /** Where open spans end, in ms since the epoch. @default the last instant of their trace */
  readonly now?: number | undefined;
  /** Resource attributes, `service.name` first of all; what the events say about their own process goes before. */
  readonly resource?: JsonObject | undefined;
}

/**
 * Writes the spans of a graph as OTLP/JSON, parents before their children.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function graphToOtlp(
  { spans }: { readonly spans: readonly TraceSpan[] },
  { lossless = true, open = 'mark', now, resource = {} }: ToOtlpOptions = {},
): OtlpTraces {
  demandOption(open === 'mark' || open === 'omit', 'toOtlp.open', open, "'mark' or 'omit'");
  demandOption(now === undefined || Number.isFinite(now), 'toOtlp.now', now, 'milliseconds since the epoch');
  const timeline = new Timeline(spans, now);
  const processes = new Map<string | undefined, Process>();
  for (const span of spans) {
    if (span.form === 'missing' || (open === 'omit' && span.state === 'open')) continue;
    const source = asText(span.events[0]?.source);
    const process = processes.get(source) ?? new Process(source);
    processes.set(source, process);
    process.add(span, exportedSpan(span, timeline.of(span), lossless));
  }
  return { resourceSpans: [...processes.values()].map((process) => process.toResourceSpans(resource)) };
}

/** The spans of one clock domain, which is one process. */
class Process {
  readonly #source: string | undefined;
  readonly #scopes = new Map<string, { scope: OtlpScopeSpans['scope']; spans: OtlpSpan[] }>();
  #resource: object | undefined;

  constructor(source: string | undefined) {
    this.#source = source;
  }

  add({ events }: TraceSpan, span: OtlpSpan): void {
    for (const { data } of events) this.#resource ??= asFields(data?.resource);
    const scope = scopeOf(asFields(events[0]?.data?.scope));
    const key = JSON.stringify(scope);
    const known = this.#scopes.get(key);
    if (known === undefined) this.#scopes.set(key, { scope, spans: [span] });
    else known.spans.push(span);
  }

  toResourceSpans(resource: JsonObject): OtlpResourceSpans {
    const attributes = { ...resource, ...this.#resource, [ATTR_THROUGHLINE_SOURCE]: this.#source };
    return { resource: { attributes: toKeyValues(attributes) }, scopeSpans: [...this.#scopes.values()] };
  }
}

/** Imported spans keep the scope they came with. */
function scopeOf(stored: Readonly<Record<string, unknown>> | undefined): OtlpScopeSpans['scope'] {
  const name = asText(stored?.name);
  const version = asText(stored?.version);
  const attributes = asFields(stored?.attributes);
  return {
    name: name ?? '@throughline/core',
    ...(version !== undefined && { version }),
    ...(attributes && { attributes: toKeyValues(attributes) }),
  };
}
