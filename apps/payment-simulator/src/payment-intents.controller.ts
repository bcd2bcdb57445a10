import { Controller, Get, HttpException, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, answerNotFound, intentBody } from './answers.js';
import { Book } from './book.store.js';
import { PaymentIntents } from './payment-intents.js';
import { readBehaviour, readCreate, readKey, readSearch } from './requests.js';
import { misbehave, send } from './send-answer.js';

/** The part of Stripe's payment intents API that a shop with manual capture needs; bodies are JSON. */
@Controller('v1/payment_intents')
export class PaymentIntentsController {
  constructor(
    private readonly intents: PaymentIntents,
    private readonly book: Book,
  ) {}

  @Post()
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const parameters = readCreate(request.body);
    const { amount, currency, metadata } = parameters;
    const intent = { orderId: metadata.order_id, amount: BigInt(amount), currency };
    return send(reply, await this.intents.create({ key: readKey(request), parameters }, intent));
  }

  @Post(':id/confirm')
  async confirm(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const behaviour = readBehaviour(request.body);
    const call = { key: readKey(request), parameters: behaviour };
    if (behaviour.unavailable) return send(reply, await this.intents.refuseUnavailable(call, id));
    const outcome = await this.intents.confirm(call, id, behaviour);
    if (!outcome.replayed) await misbehave(behaviour, reply);
    return send(reply, outcome);
  }

  @Post(':id/capture')
  async capture(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return send(reply, await this.intents.capture({ key: readKey(request), parameters: {} }, id));
  }

  @Post(':id/cancel')
  async cancel(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return send(reply, await this.intents.cancel({ key: readKey(request), parameters: {} }, id));
  }

  @Get('search')
  async search(@Query('query') query: unknown): Promise<object> {
    const found = await this.book.ofOrder(readSearch(query));
    return { object: 'search_result', data: found.map(intentBody), has_more: false };
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<object> {
    const intent = await this.book.find(id);
    if (!intent) throw refusal(answerNotFound(id));
    return intentBody(intent);
  }
}

function refusal({ status, body }: Answer): HttpException {
  return new HttpException(body, status);
}
