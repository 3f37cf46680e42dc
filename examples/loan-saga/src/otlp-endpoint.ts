import { redactText } from '@throughline/core/events';

const ANSWER_TIMEOUT_MS = 5_000;

/** The endpoint that was given takes no spans; the message says why, in one line. */
export class OtlpEndpointError extends Error {
  override name = 'OtlpEndpointError';
}

/**
 * Makes sure that spans can be sent before anything starts: an export without spans is answered well.
 *
 * @throws OtlpEndpointError
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#otlphttp-request | OTLP/HTTP}
 */
export async function checkOtlpEndpoint(endpoint: string): Promise<void> {
  const reason = await whyUnusable(endpoint);
  if (reason === undefined) return;
  throw new OtlpEndpointError(
    `No spans can be sent to ${redactText(endpoint)}: ${reason}. Give the address of an OTLP/HTTP receiver, http://127.0.0.1:4318 for example, or leave --otlp out.`,
  );
}

async function whyUnusable(endpoint: string): Promise<string | undefined> {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    return 'it is no http:// or https:// address';
  const { origin, pathname, username, password } = new URL(endpoint);
  const userinfo = Buffer.from(`${username}:${password}`).toString('base64');
  const authorization = username === '' ? {} : { authorization: `Basic ${userinfo}` };
  try {
    const response = await fetch(`${origin}${pathname.replace(/\/$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: '{"resourceSpans":[]}',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return response.ok ? undefined : `it answers ${response.status}`;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return `it does not answer (${cause?.code ?? message})`;
  }
}
