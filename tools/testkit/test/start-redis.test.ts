import { Redis } from 'ioredis';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { ServerUnavailableError } from '../src/server-unavailable-error.ts';
import { startRedis } from '../src/start-redis.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

function clientOf(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  return client;
}

describe('startRedis', () => {
  it('gives a server that stores and reads, and that is gone after stop', async () => {
    const server = await startRedis({ own: true });
    const client = clientOf(server.url);
    await client.set('greeting', 'hello');
    expect(await client.get('greeting')).toBe('hello');
    expect(server.version).toMatch(/^\d+\.\d+\.\d+$/);
    await server.stop();
    await server.stop();
    await expect(client.get('greeting')).rejects.toThrow();
    client.disconnect();
  });

  it('comes back empty at the same address when the port is given', async () => {
    const first = await startRedis({ own: true });
    const before = clientOf(first.url);
    await before.set('kept', 'no');
    await first.stop();
    before.disconnect();
    const second = await startRedis({ own: true, port: first.port });
    const after = clientOf(second.url);
    expect(second.url).toBe(first.url);
    expect(await after.get('kept')).toBeNull();
    after.disconnect();
    await second.stop();
  });

  it('passes settings on to the server', async () => {
    const server = await startRedis({ own: true, settings: { maxmemory: '3mb' } });
    const client = clientOf(server.url);
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', '3145728']);
    client.disconnect();
    await server.stop();
  });

  it('says what the server said when it does not start', async () => {
    const starting = startRedis({ own: true, settings: { 'maxmemory-policy': 'forget-it' } });
    await expect(starting).rejects.toThrow(/forget-it.*set REDIS_URL=/);
  });

  it('takes the server of REDIS_URL, and leaves it running', async () => {
    vi.stubEnv('REDIS_URL', inject('redisUrl'));
    const server = await startRedis();
    expect(server).toMatchObject({ url: inject('redisUrl'), origin: 'environment' });
    await server.stop();
    const client = clientOf(server.url);
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  it.each([
    [
      'is no address',
      'localhost',
      /REDIS_URL is not an address that begins with redis:\/\/ or rediss:\/\/; set/,
    ],
    [
      'leads nowhere',
      'redis://:secret@127.0.0.1:1',
      /REDIS_URL names 127\.0\.0\.1:1, where nothing listens; set/,
    ],
  ])('rejects in one line without the password when REDIS_URL %s', async (_what, url, message) => {
    vi.stubEnv('REDIS_URL', url);
    const error = await startRedis().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerUnavailableError);
    expect(error).toMatchObject({ code: 'THROUGHLINE_TESTKIT_SERVER_UNAVAILABLE', setting: 'REDIS_URL' });
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toMatch(/secret|\n/);
  });

  it('rejects with what to set where there is neither a program nor apt', async () => {
    vi.stubEnv('REDIS_URL', '');
    vi.stubEnv('PATH', '/nowhere');
    await expect(startRedis()).rejects.toThrow(
      'No Redis: there is no redis-server on PATH; set REDIS_URL=redis://127.0.0.1:6379 to a running Redis, or put redis-server on PATH.',
    );
  });
});
