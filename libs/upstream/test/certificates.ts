import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A key and a certificate for it, as PEM. */
export interface Identity {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** An authority for one test run, and what it certifies: X.509 (RFC 5280) by hand, as Node reads certificates and writes none. */
export class TestAuthority {
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly cert: Buffer;

  constructor(private readonly name = 'test authority') {
    this.cert = this.certify({ subject: name, publicKey: this.keys.publicKey, extension: IS_AUTHORITY });
  }

  /** For a DNS name. */
  issue(host: string): Identity {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = sequence(der(0x82, Buffer.from(host)));
    const cert = this.certify({ subject: host, publicKey, extension: extensionOf([0x55, 0x1d, 0x11], names) });
    return { key: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert };
  }

  private certify({ subject, publicKey, extension }: Certified): Buffer {
    const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
    const begun = Date.now() - 3_600_000;
    const certificate = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))),
      ...[serial, ECDSA_WITH_SHA256, nameOf(this.name)],
      sequence(utcTime(begun), utcTime(begun + 86_400_000)),
      nameOf(subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(extension)),
    );
    const signature = sign('sha256', certificate, this.keys.privateKey);
    const whole = sequence(certificate, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.alloc(1), signature])));
    const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n');
    return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
  }
}

interface Certified {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
}

/** Tag, length and content (X.690). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function objectId(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

/** commonName alone. */
function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId([0x55, 0x04, 0x03]), der(0x0c, Buffer.from(text)))));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function extensionOf(id: readonly number[], value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

const ECDSA_WITH_SHA256 = sequence(objectId([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
const IS_AUTHORITY = extensionOf([0x55, 0x1d, 0x13], sequence(der(0x01, Buffer.from([0xff]))));
