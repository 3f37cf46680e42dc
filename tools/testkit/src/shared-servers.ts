import type {} from 'vitest';

/** Addresses of the servers that all integration tests share; read one with `inject('redisUrl')`. */
export interface SharedServers {
  readonly redisUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext extends SharedServers {}
}
