import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, loadConfig, serviceEnvironment } from './index.js';

const good = {
  OPS_LISTEN: '127.0.0.1:9101',
  GRPC_LISTEN: '[::1]:50051',
  DATABASE_URL: 'postgres://users:hunter2@127.0.0.1:54329/store',
  KAFKA_BROKERS: 'one:9092, two:9092,',
  TRUSTED_CALLERS: 'gateway=http://127.0.0.1:9100/.well-known/jwks.json,orders=http://127.0.0.1:9103/jwks?a=b',
};

const refusal = (schema: z.ZodObject, env: Record<string, string>): ConfigError => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
};

describe('the configuration of a service', () => {
  it('is read with its types and defaults', () => {
    expect(loadConfig(serviceEnvironment, good)).toEqual({
      OPS_LISTEN: { host: '127.0.0.1', port: 9101 },
      GRPC_LISTEN: { host: '::1', port: 50051 },
      DATABASE_URL: good.DATABASE_URL,
      KAFKA_BROKERS: ['one:9092', 'two:9092'],
      KAFKA_TOPIC_PREFIX: '',
      KAFKA_SASL_MECHANISM: 'plain',
      TRUSTED_CALLERS: new Map([
        ['gateway', new URL('http://127.0.0.1:9100/.well-known/jwks.json')],
        ['orders', new URL('http://127.0.0.1:9103/jwks?a=b')],
      ]),
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      DEMO_MODE: false,
    });
  });

  it('is refused with every bad variable by its name and what to set it to', () => {
    const { GRPC_LISTEN, ...rest } = good;
    const error = refusal(serviceEnvironment, { ...rest, OPS_LISTEN: '9101', DEMO_MODE: 'yes', LOG_LEVEL: '' });
    expect(error.lines).toEqual([
      'OPS_LISTEN is not host:port; set it to host:port of health checks and metrics, e.g. 127.0.0.1:9101',
      'DEMO_MODE is not true or false; set it to true or false: demo accounts with a known password, demo products',
      'GRPC_LISTEN is not set; set it to host:port of the gRPC server, e.g. 127.0.0.1:50051',
    ]);
  });

  it.each([
    ['DATABASE_URL', 'mysql://users:hunter2@db/store'],
    ['TRUSTED_CALLERS', 'gateway=hunter2'],
    ['TRUSTED_CALLERS', 'hunter2'],
    ['OPS_LISTEN', '127.0.0.1:99999'],
    ['LOG_LEVEL', 'hunter2'],
    ['KAFKA_BROKERS', ','],
  ])('names %s and never prints its value', (name, value) => {
    const error = refusal(serviceEnvironment, { ...good, [name]: value });
    expect(error.lines).toHaveLength(1);
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('99999');
  });

  it("does not repeat zod's words about its types", () => {
    const schema = z.object({ COUNT: z.coerce.number().max(9).describe('a number up to 9') });
    const lines = (COUNT: string) => refusal(schema, { COUNT }).lines;
    expect([lines('many'), lines('10')]).toEqual(Array(2).fill(['COUNT is not valid; set it to a number up to 9']));
    expect(refusal(serviceEnvironment, { ...good, LOG_LEVEL: 'loud' }).lines).toEqual([
      'LOG_LEVEL is not valid; set it to fatal, error, warn, info, debug, trace or silent',
    ]);
  });

  it('lets a rule over several variables speak for itself', () => {
    const schema = z
      .object({ A: z.coerce.number(), B: z.coerce.number() })
      .refine(({ A, B }) => A < B, 'A must be less than B');
    expect(refusal(schema, { A: '2', B: '1' }).lines).toEqual(['A must be less than B']);
  });

  describe('from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'service-secrets-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const { DATABASE_URL, ...withoutDatabase } = good;

    it('reads any variable from the file that X_FILE names, without the white space around it', () => {
      const env = {
        ...withoutDatabase,
        DATABASE_URL_FILE: file('database-url', `\n ${DATABASE_URL} \n`),
        LOG_LEVEL_FILE: file('level', 'warn'),
        KAFKA_BROKERS_FILE: '',
      };
      expect(loadConfig(serviceEnvironment, env)).toMatchObject({ DATABASE_URL, LOG_LEVEL: 'warn' });
    });

    it('refuses a variable that is set twice, and an empty one is not set', () => {
      const DATABASE_URL_FILE = file('again', DATABASE_URL);
      expect(refusal(serviceEnvironment, { ...good, DATABASE_URL_FILE }).lines).toEqual([
        'DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them',
      ]);
      expect(loadConfig(serviceEnvironment, { ...good, DATABASE_URL: '', DATABASE_URL_FILE })).toHaveProperty(
        'DATABASE_URL',
        DATABASE_URL,
      );
    });

    it('names the variable and the file that cannot be read or is empty, once, beside all else that is wrong', () => {
      const lines = (DATABASE_URL_FILE: string) =>
        refusal(serviceEnvironment, { ...withoutDatabase, DATABASE_URL_FILE, LOG_LEVEL: 'loud' }).lines;
      const level = 'LOG_LEVEL is not valid; set it to fatal, error, warn, info, debug, trace or silent';
      const absent = join(folder, 'absent');
      const empty = file('empty', ' \n');
      expect(lines(absent)).toEqual([`DATABASE_URL_FILE names a file that cannot be read: ${absent} (ENOENT)`, level]);
      expect(lines(empty)).toEqual([`DATABASE_URL_FILE names a file that is empty: ${empty}`, level]);
      expect(lines(folder)).toEqual([`DATABASE_URL_FILE names a file that cannot be read: ${folder} (EISDIR)`, level]);
    });

    it('never prints what the file holds', () => {
      const { message } = refusal(serviceEnvironment, {
        ...good,
        DATABASE_URL: '',
        DATABASE_URL_FILE: file('bad', 'hunter2'),
      });
      expect(message).toContain('DATABASE_URL is not a postgres:// URL');
      expect(message).not.toContain('hunter2');
    });
  });
});
