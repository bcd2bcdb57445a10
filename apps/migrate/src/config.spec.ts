import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeVariables, readConfig } from './config.js';

const plans = [
  { app: 'orders', schema: 'orders', files: [] },
  { app: 'payment-simulator', schema: 'payment_simulator', files: [] },
];
const complete = {
  DATABASE_URL: 'postgres://admin:secret@127.0.0.1:5432/store',
  KAFKA_BROKERS: '127.0.0.1:9092, 127.0.0.1:9093',
  ORDERS_DATABASE_PASSWORD: 'o',
  PAYMENT_SIMULATOR_DATABASE_PASSWORD: 's',
};

describe('the configuration of the migrate job', () => {
  it('asks for the password of each role and has defaults for the rest', () => {
    expect(readConfig(plans, complete)).toEqual({
      DATABASE_URL: 'postgres://admin:secret@127.0.0.1:5432/store',
      KAFKA_BROKERS: ['127.0.0.1:9092', '127.0.0.1:9093'],
      KAFKA_TOPIC_PREFIX: '',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_REPLICATION_FACTOR: 1,
      MIGRATE_WAIT: 120,
      passwords: { orders: 'o', payment_simulator: 's' },
    });
  });

  it.each([
    ['PAYMENT_SIMULATOR_DATABASE_PASSWORD', ''],
    ['DATABASE_URL', 'mysql://x'],
    ['KAFKA_BROKERS', ' , '],
    ['KAFKA_REPLICATION_FACTOR', 'many'],
    ['KAFKA_REPLICATION_FACTOR', '0'],
    ['MIGRATE_WAIT', '-1'],
    ['KAFKA_SASL_MECHANISM', 'kerberos'],
  ])('names %s when it is "%s"', (name, value) => {
    expect(() => readConfig(plans, { ...complete, [name]: value })).toThrow(name);
  });

  it('reads passwords from files', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'migrate-secrets-')), 'password');
    writeFileSync(file, 'from-a-file\n');
    const { ORDERS_DATABASE_PASSWORD: _, ...rest } = complete;
    const config = readConfig(plans, { ...rest, ORDERS_DATABASE_PASSWORD_FILE: file });
    expect(config.passwords).toEqual({ orders: 'from-a-file', payment_simulator: 's' });
    rmSync(dirname(file), { recursive: true });
  });

  it.each([
    ['KAFKA_USERNAME', { KAFKA_PASSWORD: 'x' }],
    ['KAFKA_PASSWORD', { KAFKA_USERNAME: 'admin' }],
  ])('misses %s when only the other one is there', (missing, given) => {
    expect(() => readConfig(plans, { ...complete, ...given })).toThrow(`${missing} is not set`);
  });

  it('lists every variable in the help, passwords too', () => {
    const text = describeVariables(plans).join('\n');
    for (const name of ['DATABASE_URL', 'KAFKA_REPLICATION_FACTOR', 'ORDERS_DATABASE_PASSWORD'])
      expect(text).toContain(name);
    expect(text).toContain('(default 120)');
  });
});
