import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import type { EdgeReply } from '../http/edge-reply.js';
import type { EdgeRequest } from '../http/edge-request.js';
import { sendEarly } from '../http/last-answer.js';
import { describeFailure, type Failure, RefusalWithHeaders } from './failure.js';
import { failureAnswer } from './failure-answer.js';

/** Answers every failure as a problem document, or as the dialect of its API has it, whatever stage it comes from. Faults of ours are logged with their cause. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  /** Nest takes `undefined` for "not handled", hence the reply. */
  catch(error: unknown, host: ArgumentsHost): EdgeReply {
    const http = host.switchToHttp();
    const reply = http.getResponse<EdgeReply>();
    const { exchange } = http.getRequest<EdgeRequest>();
    const failure = describeFailure(error);
    exchange.failure = failure;
    this.tell(error, failure, exchange.bound?.operation.name);
    // Too late for a status: the connection ends, and the client sees that the answer is not whole.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return reply;
    }
    if (error instanceof RefusalWithHeaders) reply.headers({ ...error.headers });
    if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', failure.retryAfterSeconds);
    if (failure.status === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer');
    const { contentType, body } = failureAnswer(failure, exchange);
    reply.code(failure.status).header('content-type', contentType);
    return sendEarly(reply, body);
  }

  private tell(error: unknown, { isFault, status }: Failure, rpc: string | undefined): void {
    if (isFault) this.log.error({ err: error, rpc }, 'request failed');
    // What the gateway itself lacked: the answer does not say it. The words of a service stay with the service.
    else if (status >= 500 && error instanceof DomainError && error.cause !== undefined) {
      this.log.warn({ err: error, rpc }, 'request could not be served');
    }
  }
}
