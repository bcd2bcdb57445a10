import { createReadStream } from 'node:fs';
import type { Field, RunningGateway } from './field.js';
import { CASES } from './shop/shop.js';

/** Fails unless the gateway does what is measured with it: what is protected refuses whoever has no token. */
export async function checkGuards(field: Field, { gateway, port }: RunningGateway): Promise<void> {
  const at = `http://127.0.0.1:${port}`;
  await expectStatus(gateway.guarded ? 401 : 200, 'a request without a token', fetch(at + CASES.get.target));
  if (!gateway.recorded) return;
  const { ours, withoutScope } = field.tokens;
  const read = fetch(at + CASES.get.target, { headers: { authorization: `Bearer ${withoutScope}` } });
  await expectStatus(403, 'a token without the scope', read);
  const headers = { authorization: `Bearer ${ours}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ ...CASES.create.body, lines: [] });
  await expectStatus(400, 'an order without lines', fetch(at + CASES.create.target, { method: 'POST', headers, body }));
}

async function expectStatus(expected: number, what: string, answer: Promise<Response>): Promise<void> {
  const { status } = await answer;
  if (status !== expected) throw new Error(`${what} is answered ${status} instead of ${expected}`);
}

/** Fails unless our gateway has written a line for each request, and has sent spans; after it has ended. */
export async function checkRecords({ process }: RunningGateway, requests: number, spanBytes: number): Promise<void> {
  const lines = await linesIn(process.logFile);
  if (lines < requests) throw new Error(`the access log has ${lines} lines for ${requests} requests`);
  if (spanBytes === 0) throw new Error('no span was sent');
}

async function linesIn(file: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(file)) for (const byte of chunk) if (byte === 10) lines += 1;
  return lines;
}
