import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type EndCurrentSessionRequest, type EndSessionRequest, Users } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Log, Rpc } from '#libs/service';
import { SessionsStore } from '../sessions.store.js';
import { userIdOf } from './user-id-of.js';

@Controller()
export class EndSessionHandler {
  constructor(
    private readonly sessions: SessionsStore,
    private readonly log: Log,
  ) {}

  @Rpc(Users.method.endCurrentSession)
  async endCurrent(@Payload() _: EndCurrentSessionRequest, @CurrentPrincipal() principal: Principal) {
    // A token that belongs to no session has none to end.
    if (principal.sessionId === undefined) throw new DomainError('NOT_FOUND');
    // Ended a moment ago by another call is ended all the same.
    await this.end(principal, principal.sessionId);
    return {};
  }

  /** NOT_FOUND also for a session of somebody else: whether there is one is nobody's business. */
  @Rpc(Users.method.endSession)
  async endOne(@Payload() { id }: EndSessionRequest, @CurrentPrincipal() principal: Principal) {
    if (!(await this.end(principal, id))) throw new DomainError('NOT_FOUND');
    return {};
  }

  private async end(principal: Principal, sessionId: string): Promise<boolean> {
    const ended = await this.sessions.end(sessionId, userIdOf(principal));
    if (ended) this.log.info({ sessionId }, 'session ended by its user');
    return ended;
  }
}
