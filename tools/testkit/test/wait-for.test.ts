import { describe, expect, it } from 'vitest';
import { waitFor } from '../src/wait-for.ts';

describe('waitFor', () => {
  it('returns the first truthy value', async () => {
    let looks = 0;
    const value = await waitFor(() => {
      looks += 1;
      return looks === 3 ? 'third' : '';
    });
    expect(value).toBe('third');
  });

  it('takes an error for "not yet"', async () => {
    let looks = 0;
    const value = await waitFor(async () => {
      looks += 1;
      expect(looks).toBe(2);
      return looks;
    });
    expect(value).toBe(2);
  });

  it('says what it waited for, with the last error as cause', async () => {
    const never = waitFor(() => Promise.reject(new Error('still empty')), {
      timeoutMs: 20,
      what: 'the first job',
    });
    await expect(never).rejects.toMatchObject({
      message: 'Waited 20 ms for the first job.',
      cause: new Error('still empty'),
    });
  });

  it('ends at the deadline when the condition never settles', async () => {
    await expect(waitFor(() => new Promise(() => {}), { timeoutMs: 20 })).rejects.toThrow('Waited 20 ms');
  });
});
