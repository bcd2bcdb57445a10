/** The same bytes, not a copy, for what takes a Buffer. */
export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Messages pass through as they are: no second object tree is made of them. */
export const asIs = (bytes: Buffer): Buffer => bytes;
