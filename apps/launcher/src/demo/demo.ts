import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { StoreClient } from '#libs/client';
import { readStack, waitFor } from '#libs/embedded';
import { readSettings } from '../settings.js';
import { StoreFolder } from '../store-folder.js';
import { shopThreeTimes } from './three-orders.js';
import { drawTrace } from './trace-tree.js';
import { completeTrace, type TraceViewer, viewerAt } from './trace-viewer.js';

/** What orders says at the end. Zipkin writes all names in lower case. */
const lastSpan = /^publish orders\.OrderConfirmed\.v1$/i;

const say = (line = '') => console.log(line);

interface Target {
  url: string;
  /** Where a trace viewer may be, best first. */
  viewers: string[];
}

/** `npm run demo`: shops in a running store; exit code 1 when an order did not end as it should, or there is no trace. */
export async function demo(args: string[]): Promise<number> {
  const target = findTarget(args);
  const store = new StoreClient({ url: target.url });
  await waitUntilReady(target.url);
  const viewer = await findViewer(target.viewers); // before the orders: spans are not kept for a viewer that comes later
  const customer = { email: `demo-${randomUUID()}@ineedthatfast.example`, password: randomUUID() };
  await store.users.createUser(customer);
  say(`Signed up ${customer.email}`);
  await store.signIn(customer);
  const { failures, traceId } = await shopThreeTimes(store, say);
  if (traceId === undefined) failures.push('the answer to the order named no trace (header traceresponse)');
  else if (viewer) failures.push(...(await showTrace(viewer, traceId)));
  for (const failure of failures) say(`NOT AS EXPECTED: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}

function findTarget(args: string[]): Target {
  const { values } = parseArgs({ args, options: { url: { type: 'string' }, traces: { type: 'string' } } });
  const stackFile = new StoreFolder(readSettings().folder).stackFile;
  const running = values.url ? undefined : readStack(stackFile);
  const given = values.traces ?? process.env.TRACES_URL ?? running?.zipkin?.url;
  const usual = running ? [] : ['http://127.0.0.1:9411', 'http://127.0.0.1:16686']; // those of npm start and of compose
  return {
    url: (values.url ?? running?.gateway.url ?? 'http://127.0.0.1:8080').replace(/\/$/, ''),
    viewers: given ? [given.replace(/\/$/, '')] : usual,
  };
}

async function waitUntilReady(url: string): Promise<void> {
  const ready = await fetch(`${url}/readyz`).catch(() => undefined);
  if (!ready?.ok) throw new Error(`No store is ready at ${url}. Start one: npm start (or docker compose up)`);
}

async function findViewer(urls: readonly string[]): Promise<TraceViewer | undefined> {
  const look = async () => (await Promise.all(urls.map(viewerAt))).find((viewer) => viewer !== undefined);
  const found = await look();
  if (found || urls.length === 0) return found;
  say(`Waiting for the trace viewer at ${urls.join(' or ')}…`);
  return waitFor(look, { timeout: 60_000, interval: 500, what: 'the trace viewer' }).catch(() => {
    say('There is none: the orders are placed without showing their trace.');
    return undefined;
  });
}

/** Prints the trace, and gives what is wrong with it. */
async function showTrace(viewer: TraceViewer, traceId: string): Promise<string[]> {
  say(`\nThe trace of the confirmed order, from ${viewer.name} (begin, duration, app: span):\n`);
  const spans = await completeTrace(viewer, traceId, lastSpan);
  say(drawTrace(spans));
  say(`\nSee it there: ${viewer.link(traceId)}`);
  return spans.some(({ name }) => lastSpan.test(name)) ? [] : ['the trace does not reach the end of the order'];
}
