import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { decodeOtlp, type OtlpEncoding, type OtlpJson } from './decode-otlp.ts';
import type { OtlpSignal } from './otlp-schema.ts';

/** One export request that was understood. */
export interface OtlpRequest {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  readonly headers: IncomingHttpHeaders;
  /** Size of the body as it travelled, in bytes. */
  readonly bytes: number;
  /** Whether the body travelled as gzip. */
  readonly compressed: boolean;
  /** The decoded message in the shape of OTLP/JSON, whatever the encoding was. */
  readonly body: OtlpJson;
}

/** Why a request was not understood, as the HTTP status to answer with. */
export class OtlpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

const SIGNALS: Readonly<Record<string, OtlpSignal>> = {
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
};

/**
 * Reads one export request.
 *
 * @param maxBytes of the body, both as it travelled and uncompressed
 * @throws OtlpRefusal with the status to answer
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#otlphttp-request | OTLP/HTTP request}
 */
export async function readOtlpRequest(request: IncomingMessage, maxBytes: number): Promise<OtlpRequest> {
  const signal = signalOf(request.url ?? '');
  if (request.method !== 'POST') throw new OtlpRefusal(405, `${request.method} is not POST`);
  const encoding = encodingOf(request.headers['content-type']);
  if (encoding === undefined)
    throw new OtlpRefusal(415, 'The content type is not application/json or application/x-protobuf');
  const compression = request.headers['content-encoding'] ?? 'identity';
  const compressed = compression === 'gzip';
  if (!compressed && compression !== 'identity')
    throw new OtlpRefusal(415, `The content encoding ${compression} is not gzip`);
  const sent = await readBody(request, maxBytes);
  const plain = compressed ? await uncompressed(sent, maxBytes) : sent;
  const body = decoded(signal, encoding, plain);
  return { signal, encoding, headers: request.headers, bytes: sent.length, compressed, body };
}

/** The encoding that a content type names; parameters such as the character set do not matter. */
export function encodingOf(contentType = ''): OtlpEncoding | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  if (type === 'application/x-protobuf') return 'protobuf';
  return undefined;
}

function signalOf(url: string): OtlpSignal {
  const path = url.split('?', 1)[0] ?? '';
  const signal = Object.hasOwn(SIGNALS, path) ? SIGNALS[path] : undefined;
  if (signal === undefined)
    throw new OtlpRefusal(404, `${path} is not one of ${Object.keys(SIGNALS).join(', ')}`);
  return signal;
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The socket must outlive a refusal, which is answered on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function uncompressed(body: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new OtlpRefusal(400, 'The body is not gzip', error);
  }
}

function decoded(signal: OtlpSignal, encoding: OtlpEncoding, body: Buffer): OtlpJson {
  try {
    return decodeOtlp(signal, encoding, body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtlpRefusal(400, `The body is not an export request in ${encoding}: ${reason}`, error);
  }
}

function tooLarge(maxBytes: number): OtlpRefusal {
  return new OtlpRefusal(413, `The body has more than ${maxBytes} bytes`);
}
