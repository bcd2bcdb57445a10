import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ListSessionsRequest, Users } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { PageTokens } from '#libs/listing';
import { Rpc } from '#libs/service';
import { SessionsStore } from '../sessions.store.js';
import { userIdOf } from './user-id-of.js';

@Controller()
export class ListSessionsHandler {
  constructor(
    private readonly sessions: SessionsStore,
    private readonly pageTokens: PageTokens,
  ) {}

  @Rpc(Users.method.listSessions)
  async list(@Payload() request: ListSessionsRequest, @CurrentPrincipal() principal: Principal) {
    const userId = userIdOf(principal);
    const page = await this.pageTokens.open({ method: Users.method.listSessions, request, subject: userId });
    const { rows, next } = await this.sessions.page(userId, page);
    const sessions = rows.map(({ id, createTime, refreshTime, expireTime }) => ({
      id,
      createTime: timestampFromDate(createTime),
      refreshTime: timestampFromDate(refreshTime),
      expireTime: timestampFromDate(expireTime),
      current: id === principal.sessionId,
    }));
    return { sessions, nextPageToken: page.tokenFor(next) };
  }
}
