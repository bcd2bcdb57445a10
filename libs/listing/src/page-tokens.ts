import { createHash, randomBytes } from 'node:crypto';
import { clearField, clone, type DescMethod, type Message, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import type { Cursor, PageRequest } from './page.js';
import { PageTokenKeyStore } from './page-token-key.store.js';
import { refusal } from './refusal.js';
import { Seal } from './seal.js';

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;
/** Fields that may change from page to page (AIP-158); every other field belongs to the query. */
const FREE = new Set(['page_size', 'page_token']);

/** What a list was asked for. */
export interface ListCall<M extends DescMethod> {
  readonly method: M;
  readonly request: MessageShape<M['input']> & { readonly pageSize: number; readonly pageToken: string };
  /** Subject of the principal, where the list shows what is theirs: the token is then good for them alone. */
  readonly subject?: string;
}

/** A page that was asked for, and how the token of the next one is made. */
export interface Page extends PageRequest {
  /** The next_page_token of the answer: empty where `next` is undefined, on the last page. */
  tokenFor(next: Cursor | undefined): string;
}

/**
 * Page tokens of AIP-158: opaque, signed, and bound to the query. A token leads on only in the RPC, with the request
 * fields and for the principal that it was made for. Replicas share the key through the table of ../migrations.
 */
@Injectable()
export class PageTokens {
  private sealing: Promise<Seal> | undefined;

  constructor(private readonly keys: PageTokenKeyStore) {}

  /**
   * The page that a request asks for: at most 100 rows, 20 where it names no size. Throws VALIDATION_FAILED on
   * `pageToken` for every token that is not the nextPageToken of this very list.
   */
  async open<M extends DescMethod>(call: ListCall<M>): Promise<Page> {
    const seal = await this.seal();
    const context = contextOf(call);
    const { pageSize, pageToken } = call.request;
    return {
      size: Math.min(pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
      after: pageToken ? read(seal.open(pageToken, context)) : undefined,
      tokenFor: (next) => (next ? seal.close(Buffer.from(JSON.stringify(next)), context) : ''),
    };
  }

  private seal(): Promise<Seal> {
    this.sealing ??= this.keys.secret(randomBytes(32)).then(
      (secret) => new Seal(secret),
      (error: unknown) => {
        this.sealing = undefined;
        throw error;
      },
    );
    return this.sealing;
  }
}

/** Who asked for what: method, principal and all fields but those that lead from page to page. */
function contextOf<M extends DescMethod>({ method, request, subject = '' }: ListCall<M>): Buffer {
  const query: Message = clone(method.input, request);
  for (const field of method.input.fields) if (FREE.has(field.name)) clearField(query, field);
  const hash = createHash('sha256').update(JSON.stringify([method.parent.typeName, method.name, subject]));
  return hash.update(toBinary(method.input, query, { writeUnknownFields: false })).digest();
}

function read(content: Buffer | undefined): Cursor {
  const cursor: unknown = content && JSON.parse(content.toString());
  if (Array.isArray(cursor) && cursor.every((key) => typeof key === 'string')) return cursor;
  throw staleToken();
}

/** Also for a token of an older release whose list was sorted by other keys. */
export function staleToken(): Error {
  return refusal(
    'pageToken',
    'page_token',
    'is not the nextPageToken of this list with these parameters: start again without it',
  );
}
