export type { ChromiumLaunchOptions } from './chromium.ts';
export { chromiumLaunchOptions, prepareChromium } from './chromium.ts';
export type { Accountable } from './faults/account-observer.ts';
export { AccountObserver } from './faults/account-observer.ts';
export { checkAccount } from './faults/check-account.ts';
export type { FaultMode } from './faults/fault-mode.ts';
export type { HostileStoreOptions, StoreFault } from './faults/hostile-store.ts';
export { HostileStore, storeFaults } from './faults/hostile-store.ts';
export type { RandomKillerOptions } from './faults/random-killer.ts';
export { RandomKiller } from './faults/random-killer.ts';
export type { ScriptedAnswer } from './faults/scripted-answer.ts';
export { inTurn } from './faults/scripted-answer.ts';
export { SeededRandom } from './faults/seeded-random.ts';
export type { FaultProxy, FaultProxyOptions, FaultTraffic } from './faults/start-fault-proxy.ts';
export { startFaultProxy } from './faults/start-fault-proxy.ts';
export type { ScriptedStore, ScriptedStoreOptions, StoreRequest } from './faults/start-scripted-store.ts';
export { startScriptedStore } from './faults/start-scripted-store.ts';
export { UnderWay } from './faults/under-way.ts';
export type { VirtualClockOptions } from './faults/virtual-clock.ts';
export { VirtualClock } from './faults/virtual-clock.ts';
export type { AttributeValue, ReceivedAttributes } from './otlp/attribute-value.ts';
export type { OtlpEncoding, OtlpJson } from './otlp/decode-otlp.ts';
export type { Origin } from './otlp/origin.ts';
export type { OtlpRequest } from './otlp/otlp-request.ts';
export type { OtlpSignal } from './otlp/otlp-schema.ts';
export type { MetricType, ReceivedMetric, ReceivedPoint } from './otlp/received-metric.ts';
export type { ReceivedLink, ReceivedSpan, ReceivedSpanEvent, SpanKind } from './otlp/received-span.ts';
export type {
  MetricQuery,
  OtlpReceiver,
  OtlpReceiverOptions,
  SpanQuery,
} from './otlp/start-otlp-receiver.ts';
export { startOtlpReceiver } from './otlp/start-otlp-receiver.ts';
export type { ServerName } from './server-unavailable-error.ts';
export { ServerUnavailableError } from './server-unavailable-error.ts';
export type { SharedServers } from './shared-servers.ts';
export type { NodeChild, NodeExit, SpawnNodeOptions } from './spawn-node.ts';
export { spawnNode } from './spawn-node.ts';
export type { PostgresOptions, PostgresServer } from './start-postgres.ts';
export { startPostgres } from './start-postgres.ts';
export type { RedisOptions, RedisServer } from './start-redis.ts';
export { startRedis } from './start-redis.ts';
export type { EmbeddedVersion } from './unpacked-postgres.ts';
export type { WaitOptions } from './wait-for.ts';
export { waitFor } from './wait-for.ts';
