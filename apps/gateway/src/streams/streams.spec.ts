import { Stream_Form } from '#libs/contracts';
import type { Dialect } from '#libs/transcoding';
import { preferredForm } from './accept.js';
import { formOf } from './forms.js';
import { frames, type StreamMessage, startStream } from './frames.js';

const { SSE, NDJSON, JSON_ARRAY } = Stream_Form;

describe('the form of a stream', () => {
  it.each([
    [undefined, SSE],
    ['*/*', SSE],
    ['text/event-stream', SSE],
    ['application/x-ndjson', NDJSON],
    ['application/jsonl', NDJSON],
    ['application/json', JSON_ARRAY],
    ['application/json;q=0.5, application/x-ndjson;q=0.9', NDJSON],
    ['text/html, application/json;q=0.1', JSON_ARRAY],
    ['application/json;q=0, */*;q=0.1', SSE],
    ['text/html', SSE],
  ])('for Accept: %s', (accept, form) => {
    expect(preferredForm(accept, SSE)).toBe(form);
  });
});

async function* messages(count: number, error?: Error): AsyncGenerator<StreamMessage, void> {
  for (let i = 1; i <= count; i++) yield { json: Buffer.from(`{"n":${i}}`), id: String(i) };
  if (error) throw error;
}

async function written(
  form: Stream_Form,
  source: AsyncGenerator<StreamMessage, void>,
  dialect?: Dialect,
): Promise<string> {
  const started = await startStream(source, 1000);
  const tell = (error: unknown) => JSON.stringify({ detail: (error as Error).message });
  let text = '';
  for await (const frame of frames(started, { form: formOf(form, dialect), heartbeatMs: 1000, tell, stop: () => {} }))
    text += frame;
  return text;
}

describe('a stream', () => {
  it('is told as events, lines or an array', async () => {
    expect(await written(SSE, messages(2))).toBe(
      'retry: 1000\n\nid: 1\ndata: {"n":1}\n\nid: 2\ndata: {"n":2}\n\nevent: end\ndata: {}\n\n',
    );
    expect(await written(NDJSON, messages(2))).toBe('{"n":1}\n{"n":2}\n');
    expect(await written(JSON_ARRAY, messages(2))).toBe('[{"n":1},{"n":2}]');
    expect(await written(JSON_ARRAY, messages(0))).toBe('[]');
  });

  it('is told as results in the grpc-gateway dialect, unless its reader asks for events or lines', async () => {
    const broken = () => messages(1, new Error('broken'));
    expect(await written(JSON_ARRAY, broken(), 'grpc-gateway')).toBe(
      '{"result":{"n":1}}\n{"error":{"detail":"broken"}}\n',
    );
    expect(await written(JSON_ARRAY, messages(0), 'grpc-gateway')).toBe('');
    expect(await written(NDJSON, messages(1), 'grpc-gateway')).toBe('{"n":1}\n');
  });

  it('has no event that an id makes up', async () => {
    const ids = ['1\n\nevent: error\ndata: {}', '1\rdata: {}', '1\0'];
    const source = async function* () {
      for (const id of ids) yield { json: Buffer.from('{}'), id };
    };
    expect(await written(SSE, source())).toBe(`retry: 1000\n\n${'data: {}\n\n'.repeat(3)}event: end\ndata: {}\n\n`);
  });

  it('tells a failure after the first message in a frame', async () => {
    const broken = () => messages(1, new Error('broken'));
    expect(await written(SSE, broken())).toMatch(/data: \{"n":1\}\n\nevent: error\ndata: \{"detail":"broken"\}\n\n$/);
    expect(await written(NDJSON, broken())).toBe('{"n":1}\n{"error":{"detail":"broken"}}\n');
    expect(await written(JSON_ARRAY, broken())).toBe('[{"n":1},{"error":{"detail":"broken"}}]');
  });

  it('rejects with a failure before the first message', async () => {
    await expect(startStream(messages(0, new Error('broken')), 1000)).rejects.toThrow('broken');
  });

  it('beats while it has nothing to say, from the start', async () => {
    const { promise: late, resolve: come } = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<StreamMessage, void> {
      await late;
      yield* messages(1);
    }
    const started = await startStream(slow(), 1);
    const out = frames(started, { form: formOf(SSE), heartbeatMs: 5, tell: () => undefined, stop: () => {} });
    const taken = [await out.next(), await out.next(), await out.next()].map(({ value }) => value);
    expect(taken).toEqual(['retry: 1000\n\n', ':\n\n', ':\n\n']);
    come();
    let frame = ':\n\n';
    while (frame === ':\n\n') frame = (await out.next()).value ?? 'the end';
    expect(frame).toBe('id: 1\ndata: {"n":1}\n\n');
  });

  it('takes the next message only once the one before is taken, and stops with its reader', async () => {
    let asked = 0;
    let stopped = false;
    async function* counted(): AsyncGenerator<StreamMessage, void> {
      for await (const message of messages(100)) {
        asked++;
        yield message;
      }
    }
    const started = await startStream(counted(), 1000);
    const out = frames(started, {
      form: formOf(NDJSON),
      heartbeatMs: 1000,
      tell: () => undefined,
      stop: () => {
        stopped = true;
      },
    });
    await out.next();
    await out.next();
    expect(asked).toBeLessThanOrEqual(2);
    await out.return();
    expect(stopped).toBe(true);
  });
});
