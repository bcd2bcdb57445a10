import { hashArgon2id, verifyArgon2id } from './argon2id.js';

const cost = { memory: 64, passes: 2, parallelism: 1 };

describe('argon2id hashes', () => {
  it('made by another implementation are understood', async () => {
    const foreign = '$argon2id$v=19$m=64,t=2,p=1$SlB6RkfF5Pm1q6PFzMoyMQ$75Mc/G2h9LSY05JbaHsRn52KgFX5H4OshDELQS47/Bo';
    expect(await verifyArgon2id(foreign, 'a password')).toBe(true);
    expect(await verifyArgon2id(foreign, 'another password')).toBe(false);
  });

  it('name their cost, so that a later change of it keeps old ones valid', async () => {
    const hash = await hashArgon2id('a password', cost);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await verifyArgon2id(hash, 'a password')).toBe(true);
  });

  it('of another form are refused, without saying what stood there', async () => {
    await expect(verifyArgon2id('plain text', 'plain text')).rejects.toThrow('no argon2id string');
  });
});
