import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Keys } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { SigningKeys } from '#libs/identity';
import type { Desk, Verbs } from './desk.js';

type Listed = Awaited<ReturnType<SigningKeys['list']>>;

/** The keys that a service signs with. */
export class KeysDesk implements Desk<typeof Keys> {
  readonly service = Keys;
  readonly verbs: Verbs<typeof Keys> = {
    listKeys: async () => toProto(await this.keys.list()),
    rotateKeys: (_, action) =>
      this.database.transaction(async () => {
        const known = await this.keys.rotate();
        await action.record(known[0]?.kid);
        return toProto(known);
      }),
    withdrawKey: ({ kid }, action) =>
      this.database.transaction(async () => {
        const known = await this.keys.withdraw(kid);
        await action.record();
        return toProto(known);
      }),
  };

  constructor(
    private readonly keys: SigningKeys,
    private readonly database: Database,
  ) {}
}

const toProto = (keys: Listed) => ({
  keys: keys.map(({ kid, createTime, signs, withdrawTime }) => ({
    ...{ kid, signs, createTime: timestampFromDate(createTime) },
    ...(withdrawTime ? { withdrawTime: timestampFromDate(withdrawTime) } : {}),
  })),
});
