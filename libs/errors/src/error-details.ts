import { create } from '@bufbuild/protobuf';
import { type Any, anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { HelpSchema, LocalizedMessageSchema, PreconditionFailureSchema, QuotaFailureSchema } from '#libs/contracts';

/** The details of google/rpc/error_details.proto that a client may act on, besides ErrorInfo, BadRequest and RetryInfo. */
export interface ErrorDetails {
  /** QuotaFailure: which allowance is used up, e.g. `bucket:principal`. */
  readonly quotaViolations?: readonly { readonly subject: string; readonly description: string }[];
  /** PreconditionFailure: what has to be true first. */
  readonly preconditionViolations?: readonly {
    readonly type: string;
    readonly subject: string;
    readonly description: string;
  }[];
  /** Help: pages to read; only http and https addresses. */
  readonly help?: readonly { readonly description: string; readonly url: string }[];
  /** LocalizedMessage: for the person at the screen, in the language `locale` (BCP 47). */
  readonly localizedMessage?: { readonly locale: string; readonly message: string };
}

/** Details as they go into a google.rpc.Status. */
export function packDetails({ quotaViolations, preconditionViolations, help, localizedMessage }: ErrorDetails): Any[] {
  const packed: Any[] = [];
  if (quotaViolations) {
    const violations = quotaViolations.map(({ subject, description }) => ({ subject, description }));
    packed.push(anyPack(QuotaFailureSchema, create(QuotaFailureSchema, { violations })));
  }
  if (preconditionViolations) {
    const violations = preconditionViolations.map((violation) => ({ ...violation }));
    packed.push(anyPack(PreconditionFailureSchema, create(PreconditionFailureSchema, { violations })));
  }
  if (help) packed.push(anyPack(HelpSchema, create(HelpSchema, { links: help.map((link) => ({ ...link })) })));
  if (localizedMessage) {
    packed.push(anyPack(LocalizedMessageSchema, create(LocalizedMessageSchema, { ...localizedMessage })));
  }
  return packed;
}

/** What one detail of a google.rpc.Status says; nothing for other types: DebugInfo is for no client. Throws on broken bytes. */
export function unpackDetail(detail: Any): ErrorDetails {
  const quota = anyUnpack(detail, QuotaFailureSchema);
  if (quota) {
    return { quotaViolations: quota.violations.map(({ subject, description }) => ({ subject, description })) };
  }
  const precondition = anyUnpack(detail, PreconditionFailureSchema);
  if (precondition) {
    const { violations } = precondition;
    return {
      preconditionViolations: violations.map(({ type, subject, description }) => ({ type, subject, description })),
    };
  }
  const help = anyUnpack(detail, HelpSchema);
  if (help) {
    const links = help.links.filter(({ url }) => /^https?:\/\//i.test(url));
    return { help: links.map(({ description, url }) => ({ description, url })) };
  }
  const localized = anyUnpack(detail, LocalizedMessageSchema);
  return localized ? { localizedMessage: { locale: localized.locale, message: localized.message } } : {};
}
