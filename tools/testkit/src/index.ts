export type { ChromiumLaunchOptions } from './chromium.ts';
export { chromiumLaunchOptions, prepareChromium } from './chromium.ts';
export type { ServerName } from './server-unavailable-error.ts';
export { ServerUnavailableError } from './server-unavailable-error.ts';
export type { SharedServers } from './shared-servers.ts';
export type { RedisOptions, RedisServer } from './start-redis.ts';
export { startRedis } from './start-redis.ts';
export type { WaitOptions } from './wait-for.ts';
export { waitFor } from './wait-for.ts';
