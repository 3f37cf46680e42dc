import type {} from 'vitest';

/** Addresses of the servers that all integration tests share; read one with `inject('redisUrl')`. */
export interface SharedServers {
  readonly redisUrl: string;
  /** Of the newest PostgreSQL that is supported, as its superuser. */
  readonly postgres18Url: string;
  /** Of the oldest one. */
  readonly postgres14Url: string;
}

declare module 'vitest' {
  export interface ProvidedContext extends SharedServers {}
}
