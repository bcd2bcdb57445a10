import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { checkKafkaIdentity, kafkaOf, kafkaVariables, loadConfig } from './index.js';

const schema = z.object(kafkaVariables).check(checkKafkaIdentity);
const read = (more: Record<string, string>) => kafkaOf(loadConfig(schema, { KAFKA_BROKERS: 'kafka:9092', ...more }));

describe('what an app is told of Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-environment-'));
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is nobody in particular without a name, and speaks in clear', () => {
    expect(read({ KAFKA_TOPIC_PREFIX: 'x.' })).toEqual({ brokers: ['kafka:9092'], topicPrefix: 'x.', security: {} });
  });

  it('is who the name says, with the password of a file', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'hunter2\n');
    const { security } = read({ KAFKA_USERNAME: 'orders', KAFKA_PASSWORD_FILE: file });
    expect(security).toEqual({ credentials: { username: 'orders', password: 'hunter2', mechanism: 'plain' } });
  });

  it.each([
    ['KAFKA_PASSWORD', { KAFKA_USERNAME: 'orders' }],
    ['KAFKA_USERNAME', { KAFKA_PASSWORD: 'hunter2' }],
  ])('needs %s as well', (missing, given) => {
    expect(() => read(given)).toThrow(`${missing} is not set`);
    expect(() => read(given)).not.toThrow('hunter2');
  });

  it('speaks by TLS, with the authorities of Node or of a file', () => {
    const file = join(folder, 'ca.pem');
    writeFileSync(file, certificate);
    expect(read({ KAFKA_TLS: 'true' }).security?.tls).toEqual({});
    expect(read({ KAFKA_TLS: 'false' }).security?.tls).toBeUndefined();
    expect(read({ KAFKA_TLS: file }).security?.tls).toEqual({ ca: certificate });
    expect(read({ KAFKA_TLS_FILE: file }).security?.tls).toEqual({ ca: certificate });
  });

  it('names KAFKA_TLS when its file is not there or holds no certificate', () => {
    const file = join(folder, 'key.pem');
    writeFileSync(file, '-----BEGIN PRIVATE KEY-----');
    expect(() => read({ KAFKA_TLS: file })).toThrow('KAFKA_TLS names a file without a PEM certificate');
    expect(() => read({ KAFKA_TLS: join(folder, 'none') })).toThrow(
      'KAFKA_TLS is neither true nor false nor a file that can be read',
    );
  });
});
