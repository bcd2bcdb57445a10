import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type CreateSessionRequest,
  type CreateUserRequest,
  type GetMeRequest,
  type JsonWebKeySetSchema,
  type SessionSchema,
  type UserSchema,
  Users,
} from '#libs/contracts';
import { CurrentPrincipal, type Principal, SigningKeys } from '#libs/identity';
import { Rpc } from '#libs/service';
import { Accounts } from './accounts.js';
import { Sessions } from './sessions.js';
import { toProto } from './user.js';

type UserAnswer = MessageInitShape<typeof UserSchema>;

@Controller()
export class UsersController {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly signingKeys: SigningKeys,
  ) {}

  @Rpc(Users.method.createUser)
  async createUser(@Payload() { email, password, name }: CreateUserRequest): Promise<UserAnswer> {
    return toProto(await this.accounts.signUp({ email, password, name, roles: ['CUSTOMER'], demo: false }));
  }

  @Rpc(Users.method.getMe)
  async getMe(@Payload() _: GetMeRequest, @CurrentPrincipal() principal: Principal): Promise<UserAnswer> {
    return toProto(await this.accounts.find(principal.subject));
  }

  @Rpc(Users.method.createSession)
  async createSession(@Payload() request: CreateSessionRequest): Promise<MessageInitShape<typeof SessionSchema>> {
    const signedIn = await this.sessions.signIn(request.email, request.password);
    return { ...signedIn, tokenType: 'Bearer' };
  }

  @Rpc(Users.method.getJsonWebKeySet)
  async getJsonWebKeySet(): Promise<MessageInitShape<typeof JsonWebKeySetSchema>> {
    const { keys } = await this.signingKeys.jwks();
    return { keys: keys.map(({ kty, crv, x, kid, alg, use }) => ({ kty, crv, x, kid, alg, use })) };
  }
}
