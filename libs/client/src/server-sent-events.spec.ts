import { type ServerSentEvent, serverSentEvents } from './server-sent-events.js';

async function read(...chunks: string[]): Promise<ServerSentEvent[]> {
  const body = new Blob(chunks).stream();
  const events = [];
  for await (const event of serverSentEvents(body)) events.push(event);
  return events;
}

describe('an event stream', () => {
  it('gives events with their ids, without heartbeats', async () => {
    expect(await read('id: 1\ndata: {"a":1}\n\n', ': heartbeat\n\n', 'event: error\ndata: {}\n\n')).toEqual([
      { id: '1', event: 'message', data: '{"a":1}' },
      { event: 'error', data: '{}' },
    ]);
  });

  it('puts lines of data together, also over carriage returns', async () => {
    expect(await read('data: one\r\ndata: two\r\n\r\n')).toEqual([{ event: 'message', data: 'one\ntwo' }]);
  });

  it('drops an event that was cut off', async () => {
    expect(await read('data: one\n\ndata: tw')).toEqual([{ event: 'message', data: 'one' }]);
  });
});
