import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Verb_Role } from '#libs/contracts';
import { Credentials } from './credentials.js';
import { addCredential, readCredentials, revokeCredential } from './credentials-file.js';

describe('credentials of operators', () => {
  const folder = mkdtempSync(join(tmpdir(), 'operators-'));
  const problems: unknown[] = [];
  let number = 0;
  let file: string;

  beforeEach(() => {
    number += 1;
    file = join(folder, String(number), 'operators.json');
    problems.length = 0;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const opened = () => new Credentials(file, (error) => problems.push(error));

  it('are made with a token of 256 bits, of which the file keeps a hash, for its owner only', async () => {
    const token = await addCredential(file, { name: 'anna', role: 'operator' });
    expect(Buffer.from(token.replace('ops_', ''), 'base64url')).toHaveLength(32);
    expect(JSON.stringify(readCredentials(file))).not.toContain(token.slice(4, 20));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(opened().find(token)).toEqual({ name: 'anna', role: Verb_Role.OPERATOR });
    expect(opened().find(`${token}x`)).toBeUndefined();
  });

  it('count from the moment they are added to the moment they are revoked, without a new start', async () => {
    const credentials = opened();
    expect(credentials.find('ops_nothing')).toBeUndefined();
    const anna = await addCredential(file, { name: 'anna', role: 'operator' });
    const ben = await addCredential(file, { name: 'ben', role: 'viewer' });
    expect([credentials.find(anna)?.name, credentials.find(ben)?.role]).toEqual(['anna', Verb_Role.VIEWER]);
    await revokeCredential(file, 'anna');
    expect([credentials.find(anna), credentials.find(ben)?.name]).toEqual([undefined, 'ben']);
    rmSync(file);
    expect(credentials.find(ben)).toBeUndefined();
  });

  it('end when they expire', async () => {
    const expireTime = '2030-01-01T00:00:00.000Z';
    const token = await addCredential(file, { name: 'anna', role: 'viewer', expireTime });
    const at = Date.parse(expireTime);
    expect(opened().find(token, at - 1)?.name).toBe('anna');
    expect(opened().find(token, at)).toBeUndefined();
  });

  it('admit nobody while their file cannot be read, and say so once', async () => {
    const credentials = opened();
    const token = await addCredential(file, { name: 'anna', role: 'operator' });
    expect(credentials.find(token)?.name).toBe('anna');
    writeFileSync(file, '{"credentials": [');
    expect([credentials.find(token), credentials.find(token)]).toEqual([undefined, undefined]);
    expect(problems).toHaveLength(1);
  });

  it.each([
    ['a name twice', { name: 'anna', role: 'viewer' }, /already/],
    ['a name that is none', { name: 'Anna!', role: 'viewer' }, /is not a name/],
  ] as const)('refuse %s', async (_, credential, message) => {
    await addCredential(file, { name: 'anna', role: 'operator' });
    await expect(addCredential(file, credential)).rejects.toThrow(message);
    await expect(revokeCredential(file, 'nobody')).rejects.toThrow('no credential "nobody"');
  });

  it('are changed one change after the other: none takes another one back', async () => {
    await addCredential(file, { name: 'anna', role: 'operator' });
    const lock = `${file}.lock`;
    writeFileSync(lock, ''); // as another process does that is changing the file
    const later = Promise.all([addCredential(file, { name: 'ben', role: 'viewer' }), revokeCredential(file, 'anna')]);
    const [anna] = readCredentials(file);
    writeFileSync(file, JSON.stringify({ credentials: [anna, { ...anna, name: 'carl' }] }));
    rmSync(lock);
    await later;
    const names = readCredentials(file).map(({ name }) => name);
    expect(names.sort()).toEqual(['ben', 'carl']);
    expect(readdirSync(dirname(file))).toEqual(['operators.json']);
  });

  it('say which lock to remove when a change that was killed has left it', async () => {
    await addCredential(file, { name: 'anna', role: 'operator' });
    writeFileSync(`${file}.lock`, '');
    await expect(revokeCredential(file, 'anna')).rejects.toThrow(`remove ${file}.lock`);
    expect(readCredentials(file)).toHaveLength(1);
  });
});
