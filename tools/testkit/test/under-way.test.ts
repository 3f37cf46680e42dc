import { describe, expect, it } from 'vitest';
import { UnderWay, VirtualClock } from '../src/index.ts';

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 5));

class Shop {
  readonly name = 'shop';
  readonly #orders = ['tea', 'milk'];
  count(): number {
    return this.#orders.length;
  }
  order(what: string): Promise<number> {
    return later(this.#orders.push(what));
  }
  refuse(): Promise<never> {
    return later(0).then(() => Promise.reject(new Error('closed')));
  }
  async *orders(): AsyncGenerator<{ what: string; pack(): Promise<string> }> {
    for (const what of this.#orders) yield await later({ what, pack: () => later(`packed ${what}`) });
  }
}

describe('UnderWay', () => {
  it('lets its target work as ever', async () => {
    const shop = new UnderWay().through(new Shop());
    expect([shop.name, shop.count(), await shop.order('jam')]).toEqual(['shop', 2, 3]);
    await expect(shop.refuse()).rejects.toThrow('closed');
  });

  it('tells what is under way until it settles', async () => {
    const underWay = new UnderWay();
    const shop = underWay.through(new Shop());
    expect(underWay.work()).toBeUndefined();
    void shop.order('jam');
    shop.refuse().catch(() => {});
    await underWay.work();
    expect([underWay.work(), shop.count()]).toEqual([undefined, 3]);
  });

  it('makes a virtual clock wait for iterations, and for what their values do', async () => {
    const underWay = new UnderWay();
    const shop = underWay.through(new Shop());
    const clock = new VirtualClock({ now: 0, underWay: () => underWay.work() });
    const packed: string[] = [];
    const packAll = async (): Promise<void> => {
      for await (const { pack } of shop.orders()) packed.push(`${await pack()} ${clock.now()}`);
    };
    clock.schedule(() => void packAll(), 1, false);
    await clock.advance(10);
    expect(packed).toEqual(['packed tea 1', 'packed milk 1']);
  });
});
