import type { BufferedEvent } from './buffered-event.ts';

/**
 * Events that wait for the store, within limits of number and size.
 *
 * One queue per rank: giving up the oldest event of the lowest rank, and taking the oldest of all, look at four heads.
 */
export class EventBuffer {
  readonly #queues = [new Fifo(), new Fifo(), new Fifo(), new Fifo()];
  size = 0;
  bytes = 0;

  push(event: BufferedEvent): void {
    this.#queues[event.rank]?.push(event);
    this.size++;
    this.bytes += event.bytes;
  }

  /** Removes the oldest event of the lowest rank there is, unless all rank higher than `rank`. */
  evict(rank: number): BufferedEvent | undefined {
    for (let lowest = 0; lowest <= rank; lowest++) {
      const event = this.#queues[lowest]?.shift();
      if (event !== undefined) return this.#removed(event);
    }
    return undefined;
  }

  /** Removes up to `count` events, the oldest first. */
  take(count: number): BufferedEvent[] {
    const taken: BufferedEvent[] = [];
    while (taken.length < count && this.size > 0) {
      const event = this.#oldest()?.shift();
      if (event === undefined) break;
      taken.push(this.#removed(event));
    }
    return taken;
  }

  /** Puts back what was taken before all that is here, in its order. */
  restore(events: readonly BufferedEvent[]): void {
    for (const [rank, queue] of this.#queues.entries())
      queue.unshift(events.filter((event) => event.rank === rank));
    this.size += events.length;
    for (const { bytes } of events) this.bytes += bytes;
  }

  #oldest(): Fifo | undefined {
    let oldest: Fifo | undefined;
    for (const queue of this.#queues) {
      if (oldest === undefined || queue.headOrder < oldest.headOrder) oldest = queue;
    }
    return oldest;
  }

  #removed(event: BufferedEvent): BufferedEvent {
    event.isTaken = true;
    this.size--;
    this.bytes -= event.bytes;
    return event;
  }
}

/** An array that is read from the front without moving the rest each time. */
class Fifo {
  #items: BufferedEvent[] = [];
  #head = 0;

  get headOrder(): number {
    return this.#items[this.#head]?.order ?? Number.POSITIVE_INFINITY;
  }

  push(item: BufferedEvent): void {
    this.#items.push(item);
  }

  unshift(items: readonly BufferedEvent[]): void {
    this.#items = [...items, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  shift(): BufferedEvent | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
