import {
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  getOption,
  hasOption,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { type Verb, Verb_Role, verb } from '#libs/contracts';

/** What a verb that acts is told about its call, and how it writes its row in the audit log. */
export interface Action {
  /** Name of the credential. */
  readonly operator: string;
  /** Why, in the operator's words. */
  readonly reason: string;
  /**
   * Writes the row: call it in the transaction of the action. `target` where the request does not name it. A verb that
   * found nothing to do need not call it; its row is then written afterwards.
   */
  record(target?: string): Promise<void>;
}

/** A function for each RPC of a service. */
export type Verbs<S extends DescService> = {
  readonly [K in keyof S['method']]: S['method'][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, action: Action) => Promise<MessageInitShape<O>>
    : S['method'][K] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, action: Action) => AsyncIterable<MessageInitShape<O>>
      : never;
};

/** One service of operator verbs, as an injectable class. */
export interface Desk<S extends DescService = DescService> {
  readonly service: S;
  readonly verbs: Verbs<S>;
}

/** The role that an RPC asks for, and what it names in the audit log. Throws when its contract says nothing. */
export function verbOf(method: DescService['methods'][number]): Verb {
  const told = hasOption(method, verb) ? getOption(method, verb) : undefined;
  if (!told || told.role === Verb_Role.ROLE_UNSPECIFIED) {
    throw new Error(
      `${method.parent.typeName}.${method.name} has no operator.v1.verb: nobody could be allowed to call it`,
    );
  }
  return told;
}
