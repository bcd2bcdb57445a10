import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate, timestampNow } from '@bufbuild/protobuf/wkt';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ActiveSessionSchema, type ExportMeRequest, type UserExportSchema, Users } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Log, Rpc } from '#libs/service';
import type { ActiveSession } from '../../sessions/sessions.store.js';
import { Accounts } from '../accounts.js';
import { toProto } from '../user.js';
import { ExportAccount } from './export-account.js';

@Controller()
export class ExportAccountHandler {
  constructor(
    private readonly accounts: Accounts,
    private readonly account: ExportAccount,
    private readonly log: Log,
  ) {}

  @Rpc(Users.method.exportMe)
  async export(
    @Payload() _: ExportMeRequest,
    @CurrentPrincipal() { subject, sessionId }: Principal,
  ): Promise<MessageInitShape<typeof UserExportSchema>> {
    const user = await this.accounts.find(subject);
    const { sessions, orders, payments } = await this.account.collect(user);
    this.log.info({ userId: user.id }, 'account exported');
    return {
      user: toProto(user),
      sessions: sessions.map((session) => sessionToProto(session, sessionId)),
      ...{ orders, payments },
      exportTime: timestampNow(),
    };
  }
}

function sessionToProto(session: ActiveSession, current?: string): MessageInitShape<typeof ActiveSessionSchema> {
  const { id, createTime, refreshTime, expireTime } = session;
  return {
    id,
    createTime: timestampFromDate(createTime),
    refreshTime: timestampFromDate(refreshTime),
    expireTime: timestampFromDate(expireTime),
    current: id === current,
  };
}
