import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refunds } from './refunds.js';
import { readKey, readRefund } from './requests.js';
import { misbehave, send } from './send-answer.js';

/** The part of Stripe's refunds API that gives back an amount of a payment intent; bodies are JSON. */
@Controller('v1/refunds')
export class RefundsController {
  constructor(private readonly refunds: Refunds) {}

  @Post()
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { payment_intent: intentId, amount } = readRefund(request.body);
    const refund = { key: readKey(request), intentId, amount: BigInt(amount) };
    const { outcome, behaviour } = await this.refunds.create(refund);
    if (!outcome.replayed) await misbehave(behaviour, reply);
    return send(reply, outcome);
  }
}
