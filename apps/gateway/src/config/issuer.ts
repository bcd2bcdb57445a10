import { z } from 'zod';
import { address } from './api.js';

const ALGORITHMS = ['EdDSA', 'ES256', 'RS256'] as const;

const issuer = z.strictObject({
  /** The `iss` of its tokens. */
  issuer: z.string().min(1),
  /** The `aud` that its tokens must name. */
  audience: z.string().min(1),
  /** Where its public keys are (RFC 7517): an http(s) URL, or a file. */
  jwks: z.string().min(1),
  /** Signatures of any other kind are refused, whatever the token says. */
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['EdDSA']),
  /** The `typ` of its tokens (RFC 9068); `any` where the issuer sets none. */
  type: z
    .string()
    .regex(/^[\w.+-]+$/)
    .default('at+jwt'),
  /** The claim with the scopes: a text with spaces between them, or a list. */
  scopeClaim: z.string().min(1).default('scope'),
  /** Put before `sub`, so that users of two issuers are never the same user. */
  subjectPrefix: z
    .string()
    .regex(/^[\w.-]*:?$/)
    .refine((prefix) => prefix !== 'service:', 'is taken by services that call by themselves')
    .default(''),
  /**
   * Who tells of sessions that ended before their tokens expire: a service that implements gateway.v1.EndedSessions.
   * Tokens must name their session (`sid`) then. Without it a token of this issuer is good until it expires.
   */
  endedSessions: z
    .strictObject({
      address,
      /** `aud` of the gateway's principal tokens. */
      audience: z.string().min(1),
      /** What a policy marks as `fresh_session` is refused while nothing was heard for longer. */
      staleAfterSeconds: z.number().min(2).max(900).default(60),
    })
    .optional(),
});

export type IssuerConfig = z.output<typeof issuer>;

/** Whose access tokens are believed. */
export const issuers = z
  .array(issuer)
  .superRefine((all, context) => {
    for (const [index, { issuer: name, subjectPrefix }] of all.entries()) {
      const earlier = all.slice(0, index);
      if (earlier.some((other) => other.issuer === name)) {
        context.addIssue({ code: 'custom', path: [index, 'issuer'], message: 'is named twice' });
      }
      if (earlier.some((other) => other.subjectPrefix === subjectPrefix)) {
        const message = 'must differ from that of every other issuer: their users would be taken for each other';
        context.addIssue({ code: 'custom', path: [index, 'subjectPrefix'], message });
      }
    }
  })
  .default([]);
