import { lookup } from 'node:dns';
import { type ClientRequest, get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { OutgoingRefused, type OutgoingRules } from './outgoing-rules.js';

const MAX_BYTES = 1024 * 1024;

interface FetchOptions {
  readonly headers?: Headers;
  readonly signal?: AbortSignal;
}

/**
 * A GET over http(s) that only goes where the rules of the moment allow: the host is held against them, and so is every
 * address that it resolves to. Redirects are not followed; more than 1 MiB is an error.
 */
export function guardedFetch(rules: () => OutgoingRules): (url: string, options?: FetchOptions) => Promise<Response> {
  return async (url, { headers, signal } = {}) => {
    const { protocol, hostname } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const refusal = rules().refusalOfHost(host);
    if (refusal) throw new OutgoingRefused(refusal);
    const get = protocol === 'https:' ? getHttps : getHttp;
    const options = { headers: Object.fromEntries(headers ?? []), signal, lookup: guardedLookup(rules), agent: false };
    const response = await answered(get(url, options));
    return new Response(new Uint8Array(await bodyOf(response)), { status: response.statusCode ?? 502 });
  };
}

/** dns.lookup that leaves out addresses which the rules refuse. */
function guardedLookup(rules: () => OutgoingRules): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => rules().refusalOf(hostname, address) === undefined);
      const [first] = allowed;
      if (!first) {
        const refusal = addresses.map(({ address }) => rules().refusalOf(hostname, address)).find(Boolean);
        return callback(new OutgoingRefused(refusal ?? `${hostname} has no address`), '', 0);
      }
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function answered(request: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once('response', resolve);
  request.once('error', reject);
  return promise;
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
