import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type RefreshSessionRequest, Users } from '#libs/contracts';
import { Rpc } from '#libs/service';
import { RefreshSession } from './refresh-session.js';

@Controller()
export class RefreshSessionHandler {
  constructor(private readonly refreshing: RefreshSession) {}

  @Rpc(Users.method.refreshSession)
  async refreshSession(@Payload() { refreshToken }: RefreshSessionRequest) {
    return this.refreshing.refresh(refreshToken);
  }
}
