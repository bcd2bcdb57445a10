import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { type JsonWebKeySetSchema, Users } from '#libs/contracts';
import { SigningKeys } from '#libs/identity';
import { Rpc } from '#libs/service';

@Controller()
export class PublishedKeysHandler {
  constructor(private readonly signingKeys: SigningKeys) {}

  @Rpc(Users.method.getJsonWebKeySet)
  async getJsonWebKeySet(): Promise<MessageInitShape<typeof JsonWebKeySetSchema>> {
    const { keys } = await this.signingKeys.jwks();
    return { keys: keys.map(({ kty, crv, x, kid, alg, use }) => ({ kty, crv, x, kid, alg, use })) };
  }
}
