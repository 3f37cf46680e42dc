import {
  ATTR_HTTP_METHOD,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_ROUTE,
  ATTR_HTTP_TARGET,
  ATTR_HTTP_URL,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
} from '../semantic-conventions/http.ts';
import { asText } from '../trace-graph/event-data.ts';
import type { ImportedSpan } from './imported-span.ts';

/**
 * What a span is called. Many HTTP instrumentations name a span after its method alone, which tells nothing in a tree:
 * such a name becomes `POST /orders/:id`, and `POST payments:8080/charges` for a client.
 */
export function nameOf({ name, kind, attributes }: ImportedSpan): string {
  const method = asText(attributes[ATTR_HTTP_REQUEST_METHOD] ?? attributes[ATTR_HTTP_METHOD]);
  if (method === undefined || (name !== method && name !== `HTTP ${method}`)) return name;
  const url = splitUrl(asText(attributes[ATTR_URL_FULL] ?? attributes[ATTR_HTTP_URL]) ?? '');
  const path =
    asText(attributes[ATTR_HTTP_ROUTE] ?? attributes[ATTR_URL_PATH]) ??
    withoutQuery(asText(attributes[ATTR_HTTP_TARGET]) ?? url.path);
  return path === '' ? name : `${method} ${kind === 'client' ? url.host : ''}${path}`;
}

const urlParts = /^[a-z][\w+.-]*:\/\/(?:[^/?#]*@)?([^/?#@]*)(.*)$/is;

/** Neither user info nor query: credentials are found in both. */
function splitUrl(url: string): { readonly host: string; readonly path: string } {
  const [, host = '', path = ''] = urlParts.exec(url) ?? [];
  return { host, path };
}

function withoutQuery(path: string): string {
  return path.replace(/[?#].*$/s, '');
}
