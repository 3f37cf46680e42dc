import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { startRedis } from '../src/start-redis.ts';

describe('startRedis', () => {
  it('gives a server that stores and reads, and that is gone after stop', async () => {
    const server = await startRedis({ own: true });
    const client = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
    client.on('error', () => {});
    await client.set('greeting', 'hello');
    expect(await client.get('greeting')).toBe('hello');
    await server.stop();
    await expect(client.get('greeting')).rejects.toThrow();
    client.disconnect();
  });

  it('is shared with the integration tests as redisUrl', async () => {
    const client = new Redis(inject('redisUrl'));
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });
});
