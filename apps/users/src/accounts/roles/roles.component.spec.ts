import { randomUUID } from 'node:crypto';
import { User_Role } from '#libs/contracts';
import { until } from '#libs/testing';
import { AccountsRoom, refusal, type Someone } from '../../../test/accounts-room.js';
import { ChangeRole } from './change-role.js';

let room: AccountsRoom;
let admin: Someone;
beforeAll(async () => {
  room = await AccountsRoom.open();
  admin = await room.promote(await room.someone());
}, 60_000);
afterAll(() => room?.close());

const ADMIN = User_Role.ADMIN;
const grant = (id: string, by = admin, role = ADMIN) => room.users().grantRole({ id, role }, { as: by.as });
const revoke = (id: string, by = admin, role = ADMIN) => room.users().revokeRole({ id, role }, { as: by.as });
const changesOf = (id: string) =>
  room.rows('SELECT role, granted, actor FROM role_changes WHERE user_id = $1 ORDER BY id', id);

describe('a role', () => {
  it('counts from the next sign-in on: the sessions before it end', async () => {
    const someone = await room.someone();
    expect((await grant(someone.id)).roles).toEqual([User_Role.CUSTOMER, ADMIN]);
    expect(await room.sessionsOf(someone.id)).toEqual([]);
    const again = await room.signIn(someone.email, someone.password);
    expect(again.as.scopes).toContain('users:admin');
    expect((await revoke(someone.id)).roles).toEqual([User_Role.CUSTOMER]);
    expect(await room.rows('SELECT 1 FROM ended_sessions WHERE session_id = $1', again.sessionId)).toHaveLength(1);
    expect((await room.signIn(someone.email, someone.password)).as.scopes).not.toContain('users:admin');
  });

  it('is written down with who gave and took it, and told to the other services', async () => {
    const someone = await room.someone();
    await grant(someone.id);
    await revoke(someone.id);
    expect(await changesOf(someone.id)).toEqual([
      { role: 'ADMIN', granted: true, actor: admin.id },
      { role: 'ADMIN', granted: false, actor: admin.id },
    ]);
    const told = () => room.service.logs.filter((line) => line.includes('role granted') && line.includes(someone.id));
    await until(() => told().length === 1, { what: 'a line in the log' });
  });

  it('that somebody has already ends nothing and is not written down again', async () => {
    const someone = await room.someone();
    await grant(someone.id, admin, User_Role.CUSTOMER);
    expect(await room.sessionsOf(someone.id)).toEqual([someone.sessionId]);
    expect(await changesOf(someone.id)).toEqual([]);
  });

  it('is given by administrators alone, and to users alone', async () => {
    const someone = await room.someone();
    expect((await refusal(grant(someone.id, someone))).reason).toBe('PERMISSION_DENIED');
    expect((await refusal(revoke(admin.id, someone))).reason).toBe('PERMISSION_DENIED');
    expect((await refusal(room.users().listUsers({}, { as: someone.as }))).reason).toBe('PERMISSION_DENIED');
    expect((await refusal(grant(randomUUID()))).reason).toBe('NOT_FOUND');
    expect((await refusal(grant(someone.id, admin, User_Role.ROLE_UNSPECIFIED))).violations).toMatchObject([
      { field: 'role' },
    ]);
  });

  it('of a customer cannot be taken: every account has it', async () => {
    const someone = await room.someone();
    const refused = await refusal(revoke(someone.id, admin, User_Role.CUSTOMER));
    expect(refused.violations).toMatchObject([{ field: 'role' }]);
  });

  it('can be given by an operator, who is named in the log of changes: how the first administrator is made', async () => {
    const someone = await room.someone();
    const change = { role: 'ADMIN', granted: true, actor: 'operator:grace' } as const;
    const roles = room.service.app.get(ChangeRole, { strict: false });
    expect((await roles.changeByEmail(someone.email.toUpperCase(), change)).roles).toContain('ADMIN');
    expect(await changesOf(someone.id)).toEqual([change]);
    await revoke(someone.id);
  });
});

describe('the last administrator', () => {
  it('keeps the role and the account', async () => {
    expect((await refusal(revoke(admin.id))).reason).toBe('LAST_ADMIN');
    expect((await refusal(room.users().deleteMe({}, { as: admin.as }))).reason).toBe('LAST_ADMIN');
    expect(await room.sessionsOf(admin.id)).toContain(admin.sessionId);
  });

  it('is one of two, also when they take it from each other at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const other = await room.promote(await room.someone());
      const attempts = await Promise.allSettled([revoke(admin.id, other), revoke(other.id, admin)]);
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const left = await room.rows("SELECT id FROM users WHERE 'ADMIN' = ANY (roles)");
      expect(left).toHaveLength(1);
      admin = await room.signIn(left[0]?.id === admin.id ? admin.email : other.email, admin.password);
    }
  });

  it('is no demo account, which cannot sign in outside demo mode', async () => {
    const demo = await room.promote(await room.someone());
    await room.admin.query('UPDATE users SET demo = true WHERE id = $1', [demo.id]);
    expect((await refusal(revoke(admin.id))).reason).toBe('LAST_ADMIN');
    await room.admin.query("UPDATE users SET demo = false, roles = '{CUSTOMER}' WHERE id = $1", [demo.id]);
  });
});

describe('the list of accounts', () => {
  const list = (request: object) => room.users().listUsers(request, { as: admin.as });

  it('finds an account by its address, in whatever case', async () => {
    const { id, email } = await room.someone();
    expect((await list({ email: email.toUpperCase() })).users).toMatchObject([{ id, email }]);
    expect((await list({ email: 'nobody@shop.example' })).users).toEqual([]);
  });

  it('has every account once, the youngest first, over pages that are bound to their query', async () => {
    const expected = (await room.rows('SELECT id FROM users ORDER BY create_time DESC, id DESC')).map(({ id }) => id);
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await list({ pageSize: 3, pageToken });
      seen.push(...page.users.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(expected);
    const { nextPageToken } = await list({ pageSize: 3 });
    expect((await refusal(list({ pageToken: nextPageToken, email: 'x@y.example' }))).violations).toMatchObject([
      { field: 'pageToken' },
    ]);
  });
});
