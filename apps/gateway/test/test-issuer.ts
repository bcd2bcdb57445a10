import { createServer, type Server } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { listenOnFreePort } from './free-port.js';

export const ISSUER = 'https://users.ineedthatfast.example';
export const AUDIENCE = 'ineedthatfast';
const KID = 'test';

export interface TokenOptions {
  sub?: string;
  scope?: string;
  /** Seconds from now. */
  expiresIn?: number;
  iss?: string;
  aud?: string;
  typ?: string;
  kid?: string;
  key?: CryptoKey;
  /** Null: a token of no session. */
  sid?: string | null;
}

/** Signs access tokens as the users service does, and publishes the key over HTTP. */
export class TestIssuer {
  static async start(): Promise<TestIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: KID, alg: 'EdDSA', use: 'sig' };
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    });
    const port = await listenOnFreePort(server);
    return new TestIssuer(server, privateKey, new URL(`http://127.0.0.1:${port}/.well-known/jwks.json`));
  }

  private constructor(
    private readonly server: Server,
    private readonly privateKey: CryptoKey,
    readonly jwksUrl: URL,
  ) {}

  /** An access token; `Bearer` not included. */
  token(options: TokenOptions = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const {
      sub = 'ada',
      scope = '',
      expiresIn = 900,
      iss = ISSUER,
      aud = AUDIENCE,
      typ = 'at+jwt',
      kid = KID,
      sid = 'session',
    } = options;
    return new SignJWT({ scope, ...(sid !== null && { sid }) })
      .setProtectedHeader({ alg: 'EdDSA', typ, kid })
      .setIssuer(iss)
      .setAudience(aud)
      .setSubject(sub)
      .setIssuedAt(now)
      .setExpirationTime(now + expiresIn)
      .sign(options.key ?? this.privateKey);
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }
}
