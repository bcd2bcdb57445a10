import { type DescMessage, isMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import type { z } from 'zod';
import { channelOf } from '#libs/contracts';

/** A command that a saga can send, and how it is made from the data of an instance. */
export interface SagaCommand<Data> {
  readonly type: string;
  readonly message: DescMessage;
  build(data: Data): MessageInitShape<DescMessage>;
}

/** A reply that ends the way forward. `because` gives the reason that the outcome will carry. */
export interface SagaRefusal {
  readonly type: string;
  readonly message: DescMessage;
  because(reply: unknown): string;
}

/** What takes a step back. It must close the step for good: it can overtake the step's own command. */
export interface SagaUndo<Data> {
  readonly command: SagaCommand<Data>;
  readonly done: DescMessage;
}

export interface SagaStep<Data> {
  readonly name: string;
  readonly command: SagaCommand<Data>;
  readonly success: readonly DescMessage[];
  /** Required before the pivot, forbidden after it. A pivot may be refused: then it did nothing, and the saga turns back. */
  readonly failure?: readonly SagaRefusal[];
  /** Required before the pivot, forbidden from it on. */
  readonly undo?: SagaUndo<Data>;
  /** From the moment this step's command is written, only its reply decides: no deadline and no cancellation acts. */
  readonly pivot?: true;
  /** Data that nobody needs once this step's command is written or the saga turned back: erased then. */
  readonly forgets?: readonly (keyof Data & string)[];
}

export interface SagaDefinition<Data> {
  readonly name: string;
  /** Instances finish by the table they began with: give every changed table a new version and keep the old one. */
  readonly version: number;
  /** What an instance carries; it is stored as JSON. Fields that a step forgets must be optional. */
  readonly data: z.ZodType<Data>;
  readonly steps: readonly SagaStep<Data>[];
}

/** A definition that was found complete. Only `defineSaga` makes one. */
export type SagaTable<Data> = SagaDefinition<Data>;

/** Every command that instances of this table may send. */
export function commandsOf<Data>({ steps }: SagaDefinition<Data>): DescMessage[] {
  return steps.flatMap(({ command, undo }) => [command.message, ...(undo ? [undo.command.message] : [])]);
}

/** A command of a saga table; `build` is typed by the message. */
export function command<D extends DescMessage, Data>(
  message: D,
  build: (data: Data) => MessageInitShape<D>,
): SagaCommand<Data> {
  return { type: channelOf(message).type, message, build };
}

/** A refusing reply of a saga table; `because` turns it into the reason of the outcome. */
export function refusal<D extends DescMessage>(message: D, because: (reply: MessageShape<D>) => string): SagaRefusal {
  return {
    type: channelOf(message).type,
    message,
    because: (reply) => {
      if (!isMessage(reply, message)) throw new Error(`expected a ${message.typeName}`);
      return because(reply);
    },
  };
}

/** Every reply that the table understands: the saga's owner needs a handler for each of them. */
export function repliesOf(table: { readonly steps: readonly SagaStep<never>[] }): readonly DescMessage[] {
  const replies = table.steps.flatMap((step) => [
    ...step.success,
    ...(step.failure ?? []).map((one) => one.message),
    ...(step.undo ? [step.undo.done] : []),
  ]);
  return [...new Set(replies)];
}
