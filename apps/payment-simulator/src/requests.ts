import { HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answerInvalid } from './answers.js';
import { type Behaviour, behaviourOf } from './behaviours.js';

const Create = z.strictObject({
  amount: z.int().min(0),
  currency: z.string().regex(/^[a-z]{3}$/, 'three lower-case letters'),
  capture_method: z.literal('manual', 'only "manual" is supported'),
  metadata: z.strictObject({ order_id: z.string().min(1) }),
});
const Confirm = z.strictObject({ payment_method: z.string() });
const CreateRefund = z.strictObject({ payment_intent: z.string().min(1), amount: z.int().min(1) });
const SEARCH = /^metadata\["order_id"\]:"([^"]+)"$/;

/** The parameters of a new intent. Answers 400 in the provider's form when they are wrong. */
export function readCreate(body: unknown): z.infer<typeof Create> {
  return read(Create, body);
}

/** The parameters of a refund. Answers 400 in the provider's form when they are wrong. */
export function readRefund(body: unknown): z.infer<typeof CreateRefund> {
  return read(CreateRefund, body);
}

/** What the payment method makes the provider do. The token itself goes no further, not even into an error. */
export function readBehaviour(body: unknown): Behaviour {
  const behaviour = behaviourOf(read(Confirm, body).payment_method);
  if (!behaviour) throw invalid('No such payment method.', 'payment_method');
  return behaviour;
}

export function readKey({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && key.length > 0 && key.length <= 255) return key;
  throw invalid('The Idempotency-Key header is needed, of up to 255 characters.');
}

/** The order id of a search like `metadata["order_id"]:"…"`, the only one that is supported. */
export function readSearch(query: unknown): string {
  const orderId = typeof query === 'string' ? SEARCH.exec(query)?.[1] : undefined;
  if (!orderId) throw invalid('Search by metadata["order_id"]:"…".', 'query');
  return orderId;
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(issue?.message ?? 'Invalid parameters.', issue?.path.join('.'));
}

function invalid(message: string, param?: string): HttpException {
  const { status, body } = answerInvalid(message, param);
  return new HttpException(body, status);
}
