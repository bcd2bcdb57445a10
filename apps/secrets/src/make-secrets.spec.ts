import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KAFKA_PRINCIPALS, PASSWORDS } from './folders.js';
import { makeSecrets } from './make-secrets.js';

const places = { database: 'db:5432/store', valkey: 'cache:6379' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (path: string) => readFileSync(join(folder, path), 'utf8').trim();
const everything = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  );

describe('the secrets of a composed store', () => {
  it('are random passwords, one for each purpose', () => {
    expect(makeSecrets(folder, places).made).toEqual(PASSWORDS.map((name) => `passwords/${name}`));
    const passwords = PASSWORDS.map((name) => read(`passwords/${name}`));
    expect(new Set(passwords).size).toBe(PASSWORDS.length);
    expect(passwords.filter((password) => !/^[\w-]{43}$/.test(password))).toEqual([]);
  });

  it('reach each container in the form in which it reads them', () => {
    makeSecrets(folder, places);
    expect(read('orders/database-url')).toBe(`postgres://orders:${read('passwords/postgres-orders')}@db:5432/store`);
    expect(read('orders/kafka-password')).toBe(read('passwords/kafka-orders'));
    expect(read('migrate/database-url')).toContain(`postgres:${read('postgres/admin-password')}@`);
    expect(read('migrate/kafka-password')).toBe(read('passwords/kafka-admin'));
    expect(read('migrate/payment-simulator-password')).toBe(read('passwords/postgres-payment_simulator'));
    expect(read('gateway/redis-url')).toBe(`redis://gateway:${read('passwords/valkey-gateway')}@cache:6379`);
    expect(read('valkey/users.acl')).toContain(`>${read('passwords/valkey-gateway')} `);
    for (const principal of KAFKA_PRINCIPALS) {
      expect(read('kafka/kafka_server_jaas.conf')).toContain(
        `user_${principal}="${read(`passwords/kafka-${principal}`)}"`,
      );
    }
  });

  it('give a container no password of another one', () => {
    makeSecrets(folder, places);
    const inFolder = (name: string) =>
      readdirSync(join(folder, name))
        .map((file) => read(`${name}/${file}`))
        .join();
    const known = (name: string) =>
      PASSWORDS.filter((password) => inFolder(name).includes(read(`passwords/${password}`)));
    expect(known('users')).toEqual(['postgres-users', 'kafka-users']);
    expect(known('gateway')).toEqual(['postgres-gateway', 'valkey-gateway']);
    expect(known('payment-simulator')).toEqual(['postgres-payment_simulator']);
    expect(known('kafka')).toEqual(KAFKA_PRINCIPALS.map((principal) => `kafka-${principal}`));
    expect(known('postgres')).toEqual(['postgres-admin']);
  });

  it('can be read by whoever a container runs as, and the passwords by their owner alone', () => {
    makeSecrets(folder, places);
    const mode = (path: string) => statSync(join(folder, path)).mode & 0o777;
    expect([mode('users'), mode('users/database-url')]).toEqual([0o755, 0o444]);
    expect([mode('passwords'), mode('passwords/kafka-users')]).toEqual([0o700, 0o400]);
  });

  it('are kept when they are made again', () => {
    makeSecrets(folder, places);
    const before = everything();
    expect(makeSecrets(folder, places)).toEqual({ made: [], written: [] });
    expect(everything()).toEqual(before);
  });

  it('are completed: a password that is missing is made anew, and files follow the passwords', () => {
    makeSecrets(folder, places);
    const before = read('passwords/kafka-users');
    rmSync(join(folder, 'passwords/kafka-users'));
    rmSync(join(folder, 'gateway'), { recursive: true });
    expect(makeSecrets(folder, places)).toEqual({
      made: ['passwords/kafka-users'],
      written: ['kafka/kafka_server_jaas.conf', 'gateway/database-url', 'gateway/redis-url', 'users/kafka-password'],
    });
    expect(read('users/kafka-password')).not.toBe(before);
    expect(read('kafka/kafka_server_jaas.conf')).toContain(read('users/kafka-password'));
  });

  it('are made where an earlier run was interrupted before it had named a file', () => {
    mkdirSync(join(folder, 'users'));
    writeFileSync(join(folder, 'users/database-url.new'), 'half', { mode: 0o400 }); // only root could write into it
    expect(makeSecrets(folder, places).written).toContain('users/database-url');
    expect(read('users/database-url')).toContain(read('passwords/postgres-users'));
    expect(statSync(join(folder, 'users/database-url')).mode & 0o777).toBe(0o444);
    expect(readdirSync(join(folder, 'users'))).not.toContain('database-url.new');
  });

  it('are made anew by name', () => {
    makeSecrets(folder, places);
    const before = read('passwords/postgres-users');
    expect(makeSecrets(folder, places, ['postgres-users'])).toEqual({
      made: ['passwords/postgres-users'],
      written: ['migrate/users-password', 'users/database-url'],
    });
    expect(read('users/database-url')).not.toContain(before);
    expect(() => makeSecrets(folder, places, ['postgres-root'])).toThrow(
      'There is no password "postgres-root"; there are:',
    );
  });

  it.each(['', 'has a space', 'quote"', 'at@sign'])(
    'refuse a given password that files cannot hold: "%s"',
    (password) => {
      makeSecrets(folder, places);
      const file = join(folder, 'passwords/kafka-users');
      chmodSync(file, 0o600);
      writeFileSync(file, password);
      expect(() => makeSecrets(folder, places)).toThrow(
        'passwords/kafka-users is not made of letters, digits and _ . ~ - alone',
      );
    },
  );
});
