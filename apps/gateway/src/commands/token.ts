import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { z } from 'zod';

const TOKEN_HELP = `npm run gateway -- token: prints an access token to try an API with. Not for production: use an identity provider there.

  --key FILE        private key (JWK); made when it does not exist, with its public half beside it: key.json and key.jwks.json
  --issuer TEXT     iss
  --audience TEXT   aud
  --subject TEXT    sub (default: developer)
  --scope TEXT      scopes with spaces between them (default: none)
  --hours NUMBER    how long it is good (default: 12)`;

const OPTIONS = {
  key: { type: 'string', default: 'key.json' },
  issuer: { type: 'string' },
  audience: { type: 'string' },
  subject: { type: 'string', default: 'developer' },
  scope: { type: 'string', default: '' },
  hours: { type: 'string', default: '12' },
  help: { type: 'boolean', default: false },
} as const;

const privateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string(),
});

/** Prints a token on stdout; what else there is to say goes to stderr. `fileAt` makes a path absolute. Gives the exit code. */
export async function tokenCommand(args: string[], fileAt: (path: string) => string): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { issuer, audience, subject, scope } = values;
  if (values.help || issuer === undefined || audience === undefined) {
    console.log(TOKEN_HELP);
    return values.help ? 0 : 64;
  }
  const jwk = await keyIn(fileAt(values.key));
  const token = await new SignJWT({ scope })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(`${Number(values.hours)}h`)
    .sign(await importJWK(jwk, 'EdDSA'));
  console.log(token);
  return 0;
}

async function keyIn(file: string): Promise<JWK & { kid: string }> {
  if (existsSync(file)) return privateJwk.parse(JSON.parse(readFileSync(file, 'utf8')));
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const jwk = { ...(await exportJWK(pair.privateKey)), kid };
  const keySet = { keys: [{ ...publicJwk, kid, alg: 'EdDSA', use: 'sig' }] };
  writeFileSync(file, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' });
  writeFileSync(`${file.replace(/\.json$/, '')}.jwks.json`, `${JSON.stringify(keySet)}\n`);
  return jwk;
}
