import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../src/index.ts';

describe('VirtualClock', () => {
  it('stands still', async () => {
    const clock = new VirtualClock({ now: 1000 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(1000);
  });

  it('runs timers in the order of their time, then in the order in which they were set', async () => {
    const clock = new VirtualClock({ now: 0 });
    const ran: string[] = [];
    const set = (name: string, ms: number) =>
      clock.schedule(() => ran.push(`${name} ${clock.now()}`), ms, false);
    set('late', 20);
    set('early', 10);
    set('early too', 10);
    set('much later', 21);
    await clock.advance(20);
    expect(ran).toEqual(['early 10', 'early too 10', 'late 20']);
    expect([clock.now(), clock.pending]).toEqual([20, 1]);
  });

  it('lets promises come to rest before the next timer, however long their chain', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.schedule(
      async () => {
        for (let i = 0; i < 1000; i++) await undefined;
        ran.push('chain');
      },
      1,
      false,
    );
    clock.schedule(() => ran.push('next'), 1, false);
    await clock.advance(1);
    expect(ran).toEqual(['chain', 'next']);
  });

  it('runs timers that timers set, when they are due', async () => {
    const clock = new VirtualClock({ now: 0 });
    const times: number[] = [];
    const again = (): void => {
      times.push(clock.now());
      clock.schedule(again, 10, false);
    };
    again();
    await clock.advance(35);
    expect(times).toEqual([0, 10, 20, 30]);
  });

  it('does not run what was canceled', async () => {
    const clock = new VirtualClock();
    let ran = 0;
    clock.schedule(() => ran++, 1, false)();
    await clock.advance(10);
    expect([ran, clock.pending]).toEqual([0, 0]);
  });

  it('waits for work in real time that a timer set off, and for what follows from that', async () => {
    const done: string[] = [];
    let underWay: Promise<unknown> | undefined;
    const work = (name: string, next?: () => void): void => {
      const finished = new Promise<void>((resolve) => setTimeout(resolve, 10)).then(() => {
        done.push(`${name} ${clock.now()}`);
        underWay = undefined;
        next?.();
      });
      underWay = finished;
    };
    const clock = new VirtualClock({ now: 0, underWay: () => underWay });
    clock.schedule(() => work('first', () => work('second')), 1, false);
    clock.schedule(() => done.push(`next ${clock.now()}`), 2, false);
    await clock.advance(2);
    expect(done).toEqual(['first 1', 'second 1', 'next 2']);
  });
});
