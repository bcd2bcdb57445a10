import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type CreateSessionRequest, type SessionSchema, Users } from '#libs/contracts';
import { Rpc } from '#libs/service';
import { SignIn } from './sign-in.js';

@Controller()
export class SignInHandler {
  constructor(private readonly signIn: SignIn) {}

  @Rpc(Users.method.createSession)
  async createSession(@Payload() request: CreateSessionRequest): Promise<MessageInitShape<typeof SessionSchema>> {
    const signedIn = await this.signIn.signIn(request.email, request.password);
    return { ...signedIn, tokenType: 'Bearer' };
  }
}
