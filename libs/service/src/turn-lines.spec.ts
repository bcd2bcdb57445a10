import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { TurnLines } from './turn-lines.js';

describe('log lines of a turn of the event loop', () => {
  const written: string[] = [];
  const lines = new TurnLines({ write: (bytes) => written.push(bytes.toString()) });
  const log = pino({ base: null, timestamp: false }, lines);
  const messages = () =>
    written.map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    );

  beforeEach(() => written.splice(0));

  it('are written together at its end, in their order', async () => {
    log.info('one');
    log.info('two');
    expect(written).toEqual([]);
    await turn();
    expect(messages()).toEqual([['one', 'two']]);
  });

  it('are written at once from a warning on, and none is written twice', async () => {
    log.info('before');
    log.warn('beware');
    expect(messages()).toEqual([['before', 'beware']]);
    log.info('after');
    await turn();
    expect(messages()).toEqual([['before', 'beware'], ['after']]);
  });

  it('do not wait for the end where there are many', () => {
    const long = 'x'.repeat(9_000);
    log.info(long);
    log.info(long);
    expect(messages()).toEqual([[long, long]]);
  });

  it('are written when the process exits in the middle of it', () => {
    log.info('the last');
    process.emit('exit', 0);
    expect(messages()).toEqual([['the last']]);
  });
});
