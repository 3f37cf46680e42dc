import type { ServerResponse } from 'node:http';

/**
 * What a scripted server answers.
 *
 * | answer | what the client sees |
 * |---|---|
 * | a status, `{ status, retryAfter }` | that response |
 * | `hang` | nothing, ever |
 * | `cut` | a connection that is reset instead of an answer; nothing was done |
 * | `commit then cut` | the same, but what was asked for has been done |
 * | `garbage` | bytes that are no HTTP |
 */
export type ScriptedAnswer =
  | number
  | {
      readonly status: number;
      /** The header `Retry-After`: seconds, or an HTTP date. */
      readonly retryAfter?: string | undefined;
    }
  | 'hang'
  | 'cut'
  | 'commit then cut'
  | 'garbage';

/**
 * Gives one answer after the other, then `undefined` for ever: the server then does what it is there for.
 *
 * @example
 * ```ts
 * import { inTurn, startOtlpReceiver } from '@throughline/testkit';
 *
 * const receiver = await startOtlpReceiver({ refuse: inTurn([{ status: 429, retryAfter: '2' }, 'cut', 503]) });
 * await receiver.stop();
 * ```
 */
export function inTurn<A>(answers: readonly A[]): () => A | undefined {
  let given = 0;
  return () => answers[given++];
}

/** Whether what was asked for is done all the same. */
export function isCommitted(answer: ScriptedAnswer): boolean {
  return answer === 'commit then cut' || (statusOf(answer) ?? 500) < 400;
}

/**
 * Begins the response: breaks the connection where the answer says so, and sets `Retry-After`.
 *
 * @returns the status that the response has to have; `undefined` when there is to be none
 */
export function beginAnswer(response: ServerResponse, answer: ScriptedAnswer): number | undefined {
  if (answer === 'garbage') response.socket?.end('220 this is another protocol\r\n\r\n');
  if (answer === 'cut' || answer === 'commit then cut') response.socket?.resetAndDestroy();
  if (typeof answer === 'object' && answer.retryAfter !== undefined)
    response.setHeader('retry-after', answer.retryAfter);
  return statusOf(answer);
}

function statusOf(answer: ScriptedAnswer): number | undefined {
  if (typeof answer === 'number') return answer;
  return typeof answer === 'object' ? answer.status : undefined;
}
