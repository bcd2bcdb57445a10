/** What a client was told, as it is stored and replayed byte for byte. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly body: Uint8Array;
}

/** A request that is to take effect once. */
export interface IdempotentRequest {
  /** Keys of different principals never meet. */
  readonly principal: string;
  /** Full name of the RPC. */
  readonly method: string;
  readonly key: string;
  /** See {@link fingerprintOf}. */
  readonly fingerprint: Uint8Array;
  /** How long the work may hold the key: its deadline and some seconds more. */
  readonly leaseSeconds: number;
  /** How long the answer is kept. */
  readonly ttlSeconds: number;
}

/** 2xx and what will not change by trying again (400, 404, 409) are kept; after anything else the key is free again. */
export function isKept(status: number): boolean {
  return (status >= 200 && status < 300) || status === 400 || status === 404 || status === 409;
}
