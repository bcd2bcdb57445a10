import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Grows when the form changes: a token of another version is refused, never misread. */
const VERSION = 1;
const TAG = 16;

/** The two keys of a seal, derived from one secret of 32 bytes (HKDF, RFC 5869). */
export class Seal {
  private readonly signing: Buffer;
  private readonly hiding: Buffer;

  constructor(secret: Buffer) {
    const derive = (info: string) => Buffer.from(hkdfSync('sha256', secret, '', info, 32));
    this.signing = derive('ineedthatfast page token: signing');
    this.hiding = derive('ineedthatfast page token: hiding');
  }

  /**
   * Hides and signs `content`, good only together with the same `context`. The same input gives the same text, so that
   * equal answers stay equal; needs no nonce and has no limit of uses. The construction is SIV (Rogaway and Shrimpton,
   * "Deterministic Authenticated-Encryption", 2006; RFC 5297 is its AES form): HMAC-SHA-256 over context and content,
   * cut to 128 bits, is both the signature and the counter block of AES-256-CTR.
   */
  close(content: Buffer, context: Buffer): string {
    const tag = this.tagOf(content, context);
    const cipher = createCipheriv('aes-256-ctr', this.hiding, tag);
    return Buffer.concat([Buffer.from([VERSION]), tag, cipher.update(content), cipher.final()]).toString('base64url');
  }

  /** What was closed; undefined for a text that was not closed by this secret, in this context, exactly as it is. */
  open(text: string, context: Buffer): Buffer | undefined {
    const bytes = Buffer.from(text, 'base64url');
    // Decoders of base64 skip what they do not know: only our own spelling counts.
    if (bytes[0] !== VERSION || bytes.length <= TAG || bytes.toString('base64url') !== text) return undefined;
    const tag = bytes.subarray(1, 1 + TAG);
    const decipher = createDecipheriv('aes-256-ctr', this.hiding, tag);
    const content = Buffer.concat([decipher.update(bytes.subarray(1 + TAG)), decipher.final()]);
    return timingSafeEqual(tag, this.tagOf(content, context)) ? content : undefined;
  }

  private tagOf(content: Buffer, context: Buffer): Buffer {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(context.length));
    return createHmac('sha256', this.signing)
      .update(Buffer.from([VERSION]))
      .update(length)
      .update(context)
      .update(content)
      .digest()
      .subarray(0, TAG);
  }
}
