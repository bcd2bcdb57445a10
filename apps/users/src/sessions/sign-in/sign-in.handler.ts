import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type CreateSessionRequest, Users } from '#libs/contracts';
import { Rpc } from '#libs/service';
import { SignIn } from './sign-in.js';

@Controller()
export class SignInHandler {
  constructor(private readonly signIn: SignIn) {}

  @Rpc(Users.method.createSession)
  async createSession(@Payload() request: CreateSessionRequest) {
    return this.signIn.signIn(request);
  }
}
