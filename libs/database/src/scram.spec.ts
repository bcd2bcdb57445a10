import { createHmac } from 'node:crypto';
import { scramVerifier } from './scram.js';

describe('the stored form of a password', () => {
  it('answers a login as the example of RFC 7677 does', () => {
    const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
    const dialogue = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`;
    const verifier = scramVerifier('pencil', Buffer.from(salt, 'base64'));
    const [mechanism, rounds, keys] = verifier.split('$');
    expect([mechanism, rounds]).toEqual(['SCRAM-SHA-256', `4096:${salt}`]);
    const serverKey = Buffer.from(keys?.split(':')[1] ?? '', 'base64');
    const signature = createHmac('sha256', serverKey).update(dialogue).digest('base64');
    expect(signature).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  });

  it('refuses what clients prepare differently', () => {
    expect(() => scramVerifier('pässword')).toThrow('printable ASCII');
    expect(() => scramVerifier('')).toThrow('printable ASCII');
  });
});
