import { randomBytes } from 'node:crypto';
import { testFolder } from '#libs/testing';
import { startZipkin, type Zipkin } from './index.js';

const BATCH = 512;

describe('an embedded Zipkin', () => {
  let zipkin: Zipkin;

  beforeAll(async () => {
    zipkin = await startZipkin({ folder: await testFolder() });
  });

  afterAll(() => zipkin.kill());

  it('goes on taking spans and showing traces when more came than its memory holds', async () => {
    for (let sent = 0; sent < 160_000; sent += 4 * BATCH) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => send(spans(newTraceId()))));
      expect(answers).toEqual([202, 202, 202, 202]);
    }
    const last = newTraceId();
    expect(await send(spans(last))).toBe(202);
    const trace = await fetch(`${zipkin.url}/api/v2/trace/${last}`);
    expect(await trace.json()).toHaveLength(BATCH);
  });

  async function send(body: string): Promise<number> {
    const answer = await fetch(`${zipkin.url}/api/v2/spans`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(30_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  }
});

const newTraceId = () => randomBytes(16).toString('hex');

const ANY_TRACE = newTraceId();
// As large as those of a gateway's call.
const BODY = JSON.stringify(
  Array.from({ length: BATCH }, (_, n) => ({
    traceId: ANY_TRACE,
    id: randomBytes(8).toString('hex'),
    parentId: randomBytes(8).toString('hex'),
    name: 'POST /v1/orders',
    kind: 'SERVER',
    timestamp: Date.now() * 1000,
    duration: 1000 + n,
    localEndpoint: { serviceName: 'gateway' },
    tags: Object.fromEntries(
      Array.from({ length: 16 }, (_, tag) => [`attribute.number.${tag}`, randomBytes(12).toString('hex')]),
    ),
  })),
);

const spans = (traceId: string) => BODY.replaceAll(ANY_TRACE, traceId);
