import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AnyCall, Fields, Reply, TestFiles } from '../../apps/gateway/test/test-files.js';

const CHUNK_BYTES = 65_536;
const SAMPLE_MS = 20;

/** What a transfer has come to. */
export interface Transfer {
  readonly bytes: number;
  /** Whether what has come is what was sent, by its SHA-256. */
  readonly isSame: boolean;
  readonly seconds: number;
  /** Of the gateway: the most while it lasted, and before it. */
  readonly peakRss: number;
  readonly rssBefore: number;
}

interface Received {
  readonly hash: Hash;
  bytes: number;
}

const received = (): Received => ({ hash: createHash('sha256'), bytes: 0 });

/** Bytes that differ from chunk to chunk. */
function* chunks(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - sent), 'large');
    if (chunk.length >= 4) chunk.writeUInt32BE(sent / CHUNK_BYTES);
    yield chunk;
  }
}

function hashOf(bytes: number): string {
  const hash = createHash('sha256');
  for (const chunk of chunks(bytes)) hash.update(chunk);
  return hash.digest('hex');
}

/** A service that sends as many bytes as the name of the file says, and tells the hash of what is sent to it. */
export function serveLargeFiles(files: TestFiles): void {
  files.on('Download', (call: AnyCall) => {
    const rest = chunks(Number(call.request.name));
    const pump = () => {
      for (let next = rest.next(); !next.done; next = rest.next()) {
        if (!call.write({ contentType: 'application/x-large', data: next.value })) return void call.once('drain', pump);
      }
      call.end();
    };
    pump();
  });
  files.on('Upload', (call: AnyCall, reply: Reply) => {
    const got = received();
    call.on('data', (message: Fields) => take(got, Buffer.from((message.body as { data: Uint8Array }).data)));
    call.on('end', () => reply(null, { name: got.hash.digest('hex'), size: BigInt(got.bytes) }));
  });
}

/** Downloads so many bytes through the gateway at `url`. */
export function download(url: string, bytes: number, rss: () => number): Promise<Transfer> {
  return measured(bytes, rss, async () => {
    const asked = request(`${url}/v1/files/${bytes}:download`).end();
    const [answer]: [IncomingMessage] = (await once(asked, 'response')) as never;
    const got = received();
    for await (const chunk of answer) take(got, chunk);
    return { bytes: got.bytes, hash: got.hash.digest('hex') };
  });
}

/** Uploads so many bytes through the gateway at `url`. */
export function upload(url: string, bytes: number, rss: () => number): Promise<Transfer> {
  return measured(bytes, rss, async () => {
    const headers = { 'content-length': bytes, 'content-type': 'application/x-large' };
    const sending = request(`${url}/v1/files/large:upload`, { method: 'PUT', headers });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    for (const chunk of chunks(bytes)) if (!sending.write(chunk)) await once(sending, 'drain');
    sending.end();
    const [answer] = await answered;
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += part;
    const { name: hash, size } = JSON.parse(text) as { name: string; size: string };
    return { bytes: Number(size), hash };
  });
}

function take(got: Received, chunk: Buffer): void {
  got.hash.update(chunk);
  got.bytes += chunk.length;
}

async function measured(
  bytes: number,
  rss: () => number,
  transfer: () => Promise<{ bytes: number; hash: string }>,
): Promise<Transfer> {
  const rssBefore = rss();
  let peakRss = rssBefore;
  const timer = setInterval(() => {
    peakRss = Math.max(peakRss, rss());
  }, SAMPLE_MS);
  const begun = performance.now();
  try {
    const got = await transfer();
    const seconds = (performance.now() - begun) / 1000;
    return { bytes: got.bytes, isSame: got.bytes === bytes && got.hash === hashOf(bytes), seconds, peakRss, rssBefore };
  } finally {
    clearInterval(timer);
  }
}
