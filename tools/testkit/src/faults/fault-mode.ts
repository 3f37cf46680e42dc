import { setMaxListeners } from 'node:events';

/**
 * What a network does to connections.
 *
 * | kind | a new connection | what is sent through it |
 * |---|---|---|
 * | `pass` | is made | arrives |
 * | `refuse` | ECONNREFUSED: nobody listens; open ones are reset | – |
 * | `reset` | is made, and reset at once; open ones, too | – |
 * | `half-open` | is made | never arrives, and nobody says so |
 * | `latency` | is made | arrives `ms` later, each portion |
 * | `trickle` | is made | arrives a byte at a time, `bytesPerSecond` of them |
 * | `cut` | is made | arrives up to `afterBytes` of what the client sent since the mode began; then both sides are reset |
 * | `cut-answer` | is made | reaches the target; when it begins to answer, both sides are reset: done, and not told |
 */
export type FaultMode =
  | { readonly kind: 'pass' | 'refuse' | 'reset' | 'half-open' | 'cut-answer' }
  | { readonly kind: 'latency'; readonly ms: number }
  /** @default 1 byte per second */
  | { readonly kind: 'trickle'; readonly bytesPerSecond?: number | undefined }
  | { readonly kind: 'cut'; readonly afterBytes: number };

/** The mode of the moment, and a signal for those who wait in it. */
export interface CurrentMode {
  readonly mode: FaultMode;
  /** Aborted when another mode begins. */
  readonly over: AbortSignal;
}

/** One mode after the other. */
export class FaultModes {
  #current: CurrentMode;
  #end: AbortController;

  constructor(mode: FaultMode) {
    [this.#current, this.#end] = begin(mode);
  }

  get current(): CurrentMode {
    return this.#current;
  }

  set(mode: FaultMode): void {
    const before = this.#end;
    [this.#current, this.#end] = begin(mode);
    before.abort();
  }
}

function begin(mode: FaultMode): [CurrentMode, AbortController] {
  const end = new AbortController();
  // Every connection waits for it.
  setMaxListeners(0, end.signal);
  return [{ mode, over: end.signal }, end];
}
