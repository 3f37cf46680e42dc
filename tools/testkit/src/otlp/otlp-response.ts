import type { ServerResponse } from 'node:http';
import type { OtlpEncoding } from './decode-otlp.ts';
import { rpcStatus } from './otlp-schema.ts';

/** `google.rpc.Code` for the HTTP statuses that a receiver answers. */
const RPC_CODES: Readonly<Record<number, number>> = { 404: 5, 413: 8, 429: 8, 503: 14 };
const INVALID_ARGUMENT = 3;
const CONTENT_TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

/**
 * Answers that everything was taken: an empty `Export…ServiceResponse` in the encoding of the request.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#full-success-1 | OTLP/HTTP, full success}
 */
export function acceptOtlp(response: ServerResponse, encoding: OtlpEncoding): void {
  send(response, 200, encoding, encoding === 'json' ? '{}' : new Uint8Array());
}

/**
 * Answers a refusal: a `google.rpc.Status` in the encoding of the request.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#failures-1 | OTLP/HTTP, failures}
 */
export function refuseOtlp(
  response: ServerResponse,
  status: number,
  encoding: OtlpEncoding,
  message: string,
): void {
  const body = { code: RPC_CODES[status] ?? INVALID_ARGUMENT, message };
  if (status === 405) response.setHeader('allow', 'POST');
  // The rest of a body that was not read to its end would be taken for the next request.
  response.setHeader('connection', 'close');
  send(
    response,
    status,
    encoding,
    encoding === 'json' ? JSON.stringify(body) : rpcStatus.encode(body).finish(),
  );
}

function send(
  response: ServerResponse,
  status: number,
  encoding: OtlpEncoding,
  body: string | Uint8Array,
): void {
  response.writeHead(status, {
    'content-type': CONTENT_TYPES[encoding],
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
