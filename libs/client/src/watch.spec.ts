import { clientWith, events, json, problem, tokens } from '../test/answers.js';

const change = (sequence: number) => `id: ${sequence}\ndata: {"sequence":"${sequence}"}\n\n`;
const END = 'event: end\ndata: {}\n\n';
const lost = () => new TypeError('fetch failed');

async function sequencesOf(changes: AsyncIterable<{ sequence: string }>): Promise<string[]> {
  const found = [];
  for await (const { sequence } of changes) found.push(sequence);
  return found;
}
const resumedAt = (requests: Request[]) => requests.map(({ headers }) => headers.get('last-event-id'));

describe('a watch of the client', () => {
  it('gives messages until the stream says that it is over', async () => {
    const { store, requests } = clientWith([events('retry: 1000\n\n', change(1), ':\n\n', change(2), END)]);
    expect(await sequencesOf(store.orders.watchOrder({ id: '1' }))).toEqual(['1', '2']);
    expect(requests[0]?.headers.get('accept')).toBe('text/event-stream');
  });

  it('goes on after the last event when the connection ends early, breaks, or cannot be had', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(change(2))),
      pull: (controller) => controller.error(new TypeError('terminated')),
    });
    const { store, requests } = clientWith([events(change(1)), new Response(broken), lost(), events(change(3), END)]);
    expect(await sequencesOf(store.orders.watchOrder({ id: '1' }))).toEqual(['1', '2', '3']);
    expect(resumedAt(requests)).toEqual([null, '1', '2', '2']);
  });

  it('goes on after 503 and with a new token after its own has expired', async () => {
    const expired = 'event: error\ndata: {"code":"UNAUTHENTICATED","status":401}\n\n';
    const { store, requests } = clientWith(
      [
        problem(503, 'UPSTREAM_UNAVAILABLE', { retryAfter: 0.01 }),
        events(change(1), expired),
        problem(401, 'UNAUTHENTICATED'),
        json(tokens('2')),
        events(change(2), END),
      ],
      { tokens: { ...tokens('1'), expiresAt: Date.now() + 900_000 } },
    );
    expect(await sequencesOf(store.orders.watchOrder({ id: '1' }))).toEqual(['1', '2']);
    expect(requests.at(-1)?.headers.get('authorization')).toBe('Bearer access 2');
  });

  it('throws what is refused, before and after the first message', async () => {
    const before = clientWith([problem(404, 'ORDER_NOT_FOUND')]);
    await expect(sequencesOf(before.store.orders.watchOrder({ id: '1' }))).rejects.toThrow('ORDER_NOT_FOUND');
    const after = clientWith([events(change(1), 'event: error\ndata: {"code":"INTERNAL","status":500}\n\n')]);
    await expect(sequencesOf(after.store.orders.watchOrder({ id: '1' }))).rejects.toThrow('INTERNAL');
  });

  it('ends its request with its reader: by break, and by a signal, without an error', async () => {
    const signals: AbortSignal[] = [];
    const endless = ({ signal }: Request) => {
      signals.push(signal);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(change(1)));
          signal.addEventListener('abort', () => controller.error(signal.reason));
        },
      });
      return new Response(body);
    };
    const { store } = clientWith([endless, endless]);
    for await (const _ of store.orders.watchOrder({ id: '1' })) break;
    expect(signals[0]?.aborted).toBe(true);
    const reader = new AbortController();
    for await (const _ of store.orders.watchOrder({ id: '1' }, { signal: reader.signal })) reader.abort();
    expect(signals[1]?.aborted).toBe(true);
  });

  it('starts where a program left off, and tells how far it is', async () => {
    const ids: string[] = [];
    const { store, requests } = clientWith([events(change(8), END)]);
    await sequencesOf(store.orders.watchOrder({ id: '1' }, { lastEventId: '7', onEventId: (id) => ids.push(id) }));
    expect(resumedAt(requests)).toEqual(['7']);
    expect(ids).toEqual(['8']);
  });
});
