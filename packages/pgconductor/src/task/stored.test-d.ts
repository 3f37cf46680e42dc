import { describe, expectTypeOf, it } from 'vitest';
import type { Stored } from './stored.ts';

describe('Stored', () => {
  it('leaves what JSON keeps', () => {
    interface Order {
      readonly id: string;
      lines: readonly { count: number; note?: string }[];
      state: 'open' | 'closed' | null;
    }
    expectTypeOf<Stored<Order>>().toEqualTypeOf<{
      readonly id: string;
      lines: readonly { count: number; note?: string }[];
      state: 'open' | 'closed' | null;
    }>();
    expectTypeOf<Stored<[number, string]>>().toEqualTypeOf<[number, string]>();
    expectTypeOf<Stored<unknown>>().toEqualTypeOf<unknown>();
  });

  it('knows what becomes of the rest', () => {
    expectTypeOf<Stored<Date>>().toEqualTypeOf<string>();
    expectTypeOf<Stored<{ at: Date[]; go: () => void }>>().toEqualTypeOf<{ at: string[] }>();
    expectTypeOf<Stored<bigint>>().toEqualTypeOf<never>();
    expectTypeOf<Stored<void>>().toEqualTypeOf<undefined>();
  });
});
