import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { CurrentMode, FaultModes } from './fault-mode.ts';

/** Between two sockets: what one direction does with each portion of data. */
export interface FaultPipe {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: 'request' | 'answer';
  readonly modes: FaultModes;
  /** Told how many bytes are about to pass. */
  readonly passes: (bytes: number) => void;
  /** Resets both sides. */
  readonly cut: () => void;
}

/** Passes on what `from` sends, as the mode of the moment has it, until one of the two is gone. */
export async function pumpThroughFaults(pipe: FaultPipe): Promise<void> {
  const { from, to } = pipe;
  try {
    let allowance: Allowance | undefined;
    // The other direction may still have something to say.
    for await (const portion of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let rest = portion; rest.length > 0; ) {
        const { current } = pipe.modes;
        if (allowance?.current !== current) allowance = { current, bytes: 0 };
        rest = rest.subarray(await passSome(pipe, rest, allowance));
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

/** How much of a connection's data passed since the mode began. */
interface Allowance {
  readonly current: CurrentMode;
  bytes: number;
}

/** @returns how many bytes of `data` have passed, or are lost; 0 to be asked again */
async function passSome(pipe: FaultPipe, data: Buffer, allowance: Allowance): Promise<number> {
  const { mode, over } = allowance.current;
  switch (mode.kind) {
    case 'half-open':
      await passed(Number.POSITIVE_INFINITY, over);
      return 0;
    case 'latency':
      await passed(mode.ms, over);
      return write(pipe, data);
    case 'trickle':
      await passed(1000 / (mode.bytesPerSecond ?? 1), over);
      return write(pipe, data.subarray(0, 1));
    case 'cut': {
      if (pipe.direction === 'answer') return write(pipe, data);
      const some = data.subarray(0, Math.max(0, mode.afterBytes - allowance.bytes));
      allowance.bytes += await write(pipe, some);
      if (allowance.bytes < mode.afterBytes) return some.length;
      pipe.cut();
      return data.length;
    }
    case 'cut-answer':
      if (pipe.direction === 'request') return write(pipe, data);
      pipe.cut();
      return data.length;
    default:
      return write(pipe, data);
  }
}

async function write({ to, passes }: FaultPipe, data: Buffer): Promise<number> {
  passes(data.length);
  if (data.length > 0 && !to.write(data)) await once(to, 'drain');
  return data.length;
}

/** Resolves after `ms`, or when the mode is over. */
async function passed(ms: number, over: AbortSignal): Promise<void> {
  if (over.aborted) return;
  if (ms === Number.POSITIVE_INFINITY) await once(over, 'abort');
  else await delay(ms, undefined, { signal: over }).catch(() => {});
}
