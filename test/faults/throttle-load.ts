import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What GetMe admits of a principal under `throttledConfig`: calls a second, and at once. */
export const RATE = 100;
export const BURST = 2 * RATE;

/** The store's gateway.yaml with a throttle of its own for GET /v1/users/me. */
export function throttledConfig(yaml: string): string {
  const policy = `{ throttle: [{ rate: ${RATE}, burst: ${BURST}, per: [PRINCIPAL] }] }`;
  return yaml.replace('dialect: strict', `dialect: strict\n    policies: { store.users.v1.Users.GetMe: ${policy} }`);
}

interface Offer {
  /** Asked in turn: gateways, or the balancer in front of them. */
  readonly urls: readonly string[];
  /** Of a GET. */
  readonly path: string;
  readonly token: string;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What became of an offer. */
export interface Outcome {
  readonly offered: number;
  /** 2xx. */
  readonly admitted: number;
  /** 429. */
  readonly throttled: number;
  /** Everything else, by status; 0: no answer. */
  readonly others: readonly number[];
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** When each answer came, in seconds after the first request. */
  readonly answers: readonly number[];
}

/**
 * What one bucket admits that is asked when the answers came: burst + rate · seconds, but for what it cannot hold where nobody asked
 * for a while, since the machine stood still.
 */
export function inOneBucket({ answers }: Pick<Outcome, 'answers'>): number {
  let [tokens, last, admitted] = [BURST, 0, 0];
  for (const at of answers) {
    tokens = Math.min(BURST, tokens + RATE * (at - last));
    last = at;
    if (tokens < 1) continue;
    tokens -= 1;
    admitted++;
  }
  return admitted;
}

/** A principal that asks for four times what its bucket gains. */
export function offerTooMuch(urls: readonly string[], token: string, seconds: number): Promise<Outcome> {
  return offer({ urls, path: '/v1/users/me', token, perSecond: 4 * RATE, seconds });
}

/** fetch would take more of the machine that the gateways need. */
const CONNECTIONS = new Agent({ keepAlive: true });
const STEP_MS = 10;
/** What waits longer for a busy gateway than the offer lasts would be admitted by what the bucket gains afterwards. */
const MOST_AT_ONCE = 50;

/**
 * One principal that asks at a steady pace, whatever is answered: a token bucket of rate and burst admits burst + rate · seconds of
 * it. On a busy machine it may offer less than it was told to, which `offered` tells.
 */
async function offer({ urls, path, token, perSecond, seconds }: Offer): Promise<Outcome> {
  const statuses: number[] = [];
  const answers: number[] = [];
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const running = new Set<Promise<unknown>>();
  for (let sent = 0; elapsed() < seconds; ) {
    for (const due = elapsed() * perSecond; sent < due && running.size < MOST_AT_ONCE; sent++) {
      const url = urls[sent % urls.length] ?? '';
      const asked: Promise<unknown> = statusOf(url + path, token).then((status) => {
        statuses.push(status);
        answers.push(elapsed());
        running.delete(asked);
      });
      running.add(asked);
    }
    await delay(STEP_MS);
  }
  await Promise.all(running);
  const count = (wanted: (status: number) => boolean) => statuses.filter(wanted).length;
  const others = statuses.filter((status) => status !== 429 && (status < 200 || status > 299));
  const admitted = count((status) => status >= 200 && status <= 299);
  const throttled = count((status) => status === 429);
  return { offered: statuses.length, admitted, throttled, others, seconds: answers.at(-1) ?? 0, answers };
}

function statusOf(url: string, token: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const noAnswer = () => resolve(0);
  get(url, { agent: CONNECTIONS, headers: { authorization: `Bearer ${token}` }, timeout: 60_000 }, (answer) => {
    answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    answer.once('error', noAnswer);
  })
    .once('timeout', noAnswer)
    .once('error', noAnswer);
  return promise;
}
