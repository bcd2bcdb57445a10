import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Behaviour } from './behaviours.js';
import type { Outcome } from './keyed-calls.js';

export function send(reply: FastifyReply, { answer, replayed }: Outcome): object {
  if (replayed) reply.header('idempotent-replayed', 'true');
  reply.status(answer.status);
  return answer.body;
}

/** The book is written; what follows is only about when, and whether, the client hears of it. */
export async function misbehave(behaviour: Behaviour, reply: FastifyReply): Promise<void> {
  if (behaviour.neverAnswers) await once(reply.raw, 'close');
  else if (behaviour.answersAfterMs) await setTimeout(behaviour.answersAfterMs);
}
