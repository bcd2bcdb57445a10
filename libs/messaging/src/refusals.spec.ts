import { MessagingHealth } from './health.js';
import { explainRefusal, KafkaRefusedError } from './kafka/refusal.js';
import { Refusals } from './refusals.js';

const place = {
  brokers: [],
  security: { credentials: { username: 'orders', password: 'x', mechanism: 'plain' } },
} as const;
const said = (type: string) => Object.assign(new Error('no'), { type });
const refusal = (type: string) => explainRefusal(new Error('gave up', { cause: said(type) }), place, 'read a.b.v1');

describe('what Kafka refuses', () => {
  let health: MessagingHealth;
  let lines: string[];
  let ends: number[];
  let refusals: Refusals;

  beforeEach(() => {
    health = new MessagingHealth();
    lines = [];
    ends = [];
    const note = (line: string) => void lines.push(line);
    const logger = { log: note, warn: note, error: note };
    refusals = new Refusals({ health, logger, end: (_, exitCode) => void ends.push(exitCode) });
  });

  it('is found below what kafkajs wraps around it, and among what it collects', () => {
    for (const wrapped of [
      said('GROUP_AUTHORIZATION_FAILED'),
      new Error('gave up', { cause: new Error('again', { cause: said('TOPIC_AUTHORIZATION_FAILED') }) }),
      Object.assign(new Error('several'), { errors: [new Error('x'), said('TOPIC_AUTHORIZATION_FAILED')] }),
    ]) {
      expect(explainRefusal(wrapped, place, 'read a.b.v1')).toMatchObject({ because: 'rights', cause: wrapped });
    }
  });

  it('is nothing else: an outage stays what it is', () => {
    const outage = said('NOT_LEADER_FOR_PARTITION');
    expect(explainRefusal(outage, place, 'x')).toBe(outage);
    expect(refusals.noticed('consumer', outage)).toBe(false);
    expect([health.problem(), lines]).toEqual([undefined, []]);
  });

  it('of rights is told once, keeps the service from being ready, and is over when it succeeds', () => {
    health.expect('producer', 'not connected yet');
    const error = refusal('TOPIC_AUTHORIZATION_FAILED');
    expect([refusals.noticed('consumer', error), refusals.noticed('consumer', error)]).toEqual([true, true]);
    expect(lines).toEqual([health.problem()]);
    expect(lines[0]).toMatch(/^Kafka does not let User:orders read a\.b\.v1 \(TOPIC_.*run the migrate job/);
    refusals.over('consumer');
    expect([health.problem(), ends]).toEqual(['not connected yet', []]);
  });

  it('of a password ends the process: with 78 when it was never taken, with 1 later, to read it anew', () => {
    refusals.noticed('outbox', refusal('SASL_AUTHENTICATION_FAILED'));
    refusals.noticed('consumer', refusal('SASL_AUTHENTICATION_FAILED'));
    expect(ends).toEqual([78]);
    const later = new Refusals({
      health,
      logger: { log() {}, warn() {}, error() {} },
      end: (_, code) => ends.push(code),
    });
    later.accepted();
    later.noticed('outbox', refusal('SASL_AUTHENTICATION_FAILED'));
    expect(ends).toEqual([78, 1]);
  });

  it('names ANONYMOUS and the variables where we have no name', () => {
    const error = explainRefusal(said('TOPIC_AUTHORIZATION_FAILED'), {}, 'read a.b.v1');
    expect(error).toBeInstanceOf(KafkaRefusedError);
    expect(String(error)).toMatch(/User:ANONYMOUS read a\.b\.v1 .*set KAFKA_USERNAME and KAFKA_PASSWORD/);
  });
});
