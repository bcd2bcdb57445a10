import type { DescMethod, MessageShape } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { type Verb, Verb_Role } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { ActionsStore, NewAction } from './actions.store.js';
import type { Operator } from './credentials.js';
import { type Action, verbOf } from './desk.js';

export interface CallFacts {
  readonly method: DescMethod;
  readonly request: MessageShape<DescMethod['input']>;
  /** Undefined when the caller has no valid token. */
  readonly operator: Operator | undefined;
}

/** One call of an operator verb: who, what, why, and its row in the audit log. */
export class Call implements Action {
  readonly method: DescMethod;
  readonly request: CallFacts['request'];
  /** E.g. `Sagas.RetrySaga`. */
  readonly name: string;
  readonly reason: string;
  private readonly verb: Verb;
  private refused = false;
  private written = false;

  constructor(
    private readonly facts: CallFacts,
    private readonly actions: ActionsStore,
  ) {
    this.method = facts.method;
    this.request = facts.request;
    this.name = `${facts.method.parent.name}.${facts.method.name}`;
    this.verb = verbOf(facts.method);
    this.reason = this.text('reason');
  }

  get operator(): string {
    return this.facts.operator?.name ?? '';
  }

  /** Whether `authorize` threw. */
  get isRefused(): boolean {
    return this.refused;
  }

  /** Throws when the caller has no right to it. */
  authorize(): void {
    const { operator } = this.facts;
    if (operator && (operator.role === Verb_Role.OPERATOR || this.verb.role === Verb_Role.VIEWER)) return;
    this.refused = true;
    if (!operator) throw new DomainError('UNAUTHENTICATED', { message: 'A valid operator token is needed.' });
    throw new DomainError('PERMISSION_DENIED', {
      message: `${this.name} needs the role operator; that of ${operator.name} is viewer.`,
    });
  }

  async record(target?: string): Promise<void> {
    await this.add({ outcome: 'DONE', error: null }, target);
  }

  /** The call succeeded: a verb that acts has its row, whatever it found to do. */
  async done(): Promise<void> {
    if (this.acts && !this.written) await this.record();
  }

  /** The call did not succeed: what was refused is noted for every verb, what failed for those that act. */
  async failed({ code }: DomainError): Promise<void> {
    if (this.refused) await this.add({ outcome: 'REFUSED', error: code });
    else if (this.acts) await this.add({ outcome: 'FAILED', error: code });
  }

  private get acts(): boolean {
    return this.verb.role === Verb_Role.OPERATOR;
  }

  private async add(end: Pick<NewAction, 'outcome' | 'error'>, target?: string): Promise<void> {
    const { operator } = this.facts;
    await this.actions.add({
      ...end,
      operator: operator?.name ?? null,
      role: operator ? (operator.role === Verb_Role.OPERATOR ? 'OPERATOR' : 'VIEWER') : null,
      verb: this.name,
      target:
        target ??
        this.verb.target
          .map((name) => this.text(name))
          .filter(Boolean)
          .join(' '),
      reason: this.reason,
    });
    this.written = true;
  }

  private text(name: string): string {
    const field = this.method.input.fields.find((one) => one.name === name);
    return field ? String(reflect(this.method.input, this.request).get(field) ?? '') : '';
  }
}
