import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import type { RequestMessage } from '#libs/transcoding';
import type { EdgeReply } from '../http/edge-reply.js';
import type { EdgeRequest } from '../http/edge-request.js';
import type { Upgrade } from '../http/upgrade.js';
import type { BoundRoute } from '../operations/operation.js';
import { describeFailure } from '../problems/failure.js';
import { failureAnswer } from '../problems/failure-answer.js';
import { CLOSED, closeCodeOf } from '../streams/close-codes.js';
import { Draining } from '../streams/draining.js';
import { FrameSocket } from '../streams/frame-socket.js';
import { OpenStreams } from '../streams/open-streams.js';
import { StreamEnd } from '../streams/stream-end.js';
import { bind, timeLimit } from './bind.js';
import { RequestStream } from './request-stream.js';
import { SocketCall } from './socket-call.js';

/**
 * Calls a service that streams, over a WebSocket: one message of JSON a frame. What is known to be wrong before the handshake is an
 * answer of HTTP; afterwards it is a frame `{"error": problem}`, and a code with which the socket is closed.
 */
@Injectable()
export class CallSocket {
  constructor(
    private readonly call: SocketCall,
    private readonly requests: RequestStream,
    private readonly draining: Draining,
    private readonly open: OpenStreams,
  ) {}

  async run(bound: BoundRoute, reply: EdgeReply, upgrade: Upgrade): Promise<void> {
    const { request } = reply;
    const { operation, route } = bound;
    // Without a body the request is all there: nothing is to be said by the client.
    const early = !operation.sends && route.body === 'none' ? await this.wholeRequest(bound, reply) : undefined;
    const leave = this.open.admit(request);
    const socket = accepted(reply, upgrade, operation.sends ? 'many' : early ? 'nothing' : 'one');
    if (!socket) {
      leave();
      throw new DomainError('CANCELLED');
    }
    socket.onClose(leave);
    const { timeoutMs } = early ?? timeLimit(operation.timeoutMs, request);
    const end = new StreamEnd(request, this.draining, { timeoutMs, stop: [socket.stopped] });
    try {
      await this.call.run({ bound, reply, socket, end, message: early?.message });
      socket.close(CLOSED.normally, '');
    } catch (error) {
      await this.tell(end.reasonOf(error), { request, socket });
    } finally {
      end.release();
    }
  }

  private async wholeRequest(
    bound: BoundRoute,
    reply: EdgeReply,
  ): Promise<{ message: RequestMessage; timeoutMs: number }> {
    const { message, timeoutMs } = bind(bound, reply.request, NOTHING);
    await this.requests.admit(bound, reply, message);
    return { message, timeoutMs };
  }

  private async tell(
    error: unknown,
    { request, socket }: { request: EdgeRequest; socket: FrameSocket },
  ): Promise<void> {
    const { exchange } = request;
    const { violation } = socket;
    if (violation) exchange.failure = describeFailure(violation);
    if (socket.isClosed) return;
    if (!violation && this.draining.signal.aborted) {
      socket.close(CLOSED.goingAway, 'the gateway stops; connect again');
      return;
    }
    const failure = describeFailure(violation ?? error);
    exchange.failure = failure;
    const { body } = failureAnswer(failure, exchange);
    // A client that does not read gets the code alone, or not even that.
    void socket.send(`{"error":${body}}`);
    socket.close(closeCodeOf(failure.status), failure.code.slice(0, MAX_REASON));
  }
}

const NOTHING = Buffer.alloc(0);
/** Bytes of a close frame that are left for words. */
const MAX_REASON = 123;

/** Undefined when the client has gone, or says that it sends no more: it could not even close a WebSocket. */
function accepted(reply: EdgeReply, upgrade: Upgrade, takes: 'nothing' | 'one' | 'many') {
  const { streams } = reply.request.exchange.deployment.config;
  const trace = reply.getHeader('traceresponse');
  const headers = trace === undefined ? [] : [`traceresponse: ${trace}`];
  const socket = upgrade.accept({ maxBytes: streams.messageBytes, headers });
  if (!socket) return undefined;
  reply.upgraded();
  const { socket: connection } = reply.request.raw;
  const bytesRead = () => connection.bytesRead;
  return new FrameSocket(socket, { heartbeatMs: streams.heartbeatSeconds * 1000, bytesRead, takes });
}
