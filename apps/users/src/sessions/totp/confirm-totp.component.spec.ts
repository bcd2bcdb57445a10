import { Secret, TOTP } from 'otpauth';
import { AccountsRoom, refusal } from '../../../test/accounts-room.js';

let room: AccountsRoom;

beforeAll(async () => {
  room = await AccountsRoom.open();
});

afterAll(() => room?.close());

const codeOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret) }).generate();

it('a code confirms the secret that made it, never one that took its place meanwhile', async () => {
  const { id, email, password, as } = await room.someone();
  const me = room.users(as);
  const first = await me.enrolTotp({ password });
  const [confirmed, second] = await room.during(
    'SELECT FROM totp WHERE user_id = $1 FOR UPDATE',
    [id],
    async () => {
      const confirming = refusal(me.confirmTotp({ totpCode: codeOf(first.secret) }));
      await room.untilWaiting(1);
      return Promise.all([confirming, me.enrolTotp({ password })]);
    },
    2,
  );
  expect(confirmed).toMatchObject({ reason: 'WRONG_TOTP_CODE' });
  expect((await room.signIn(email, password)).id).toBe(id);
  expect((await me.confirmTotp({ totpCode: codeOf(second.secret) })).recoveryCodes).toHaveLength(10);
  expect(await refusal(room.signIn(email, password))).toMatchObject({ reason: 'TOTP_REQUIRED' });
});
