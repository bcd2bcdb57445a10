import { decodeJwt } from 'jose';
import pg from 'pg';
import { Users } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { type TestService, until } from '#libs/testing';
import { startUsers } from '../../../test/users-service.js';

const password = 'correct-horse-battery-staple';

let users: TestService;
let other: pg.Client;
let number = 0;

beforeAll(async () => {
  users = await startUsers();
  other = new pg.Client({ connectionString: users.database.adminUrl });
  await other.connect();
});

afterAll(async () => {
  await other?.end();
  await users?.close();
});

const client = () => users.client(Users, { subject: 'anonymous', scopes: [] });

async function someone(roles: string) {
  const email = `sign-in.${++number}@shop.example`;
  const { id } = await client().createUser({ email, password, name: 'Somebody' });
  await other.query('UPDATE users.users SET roles = $2 WHERE id = $1', [id, roles]);
  return { id, email };
}

/** Signs in while a change of the user is being made: it commits when the sign-in waits for it, or is over. */
async function signInDuring(user: { id: string; email: string }, change: string) {
  await other.query('BEGIN');
  await other.query(change, [user.id]);
  await other.query('DELETE FROM users.sessions WHERE user_id = $1', [user.id]);
  let over = false;
  const signingIn = client()
    .createSession({ email: user.email, password })
    .finally(() => {
      over = true;
    });
  signingIn.catch(() => {});
  const waits = async () => {
    const { rows } = await other.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return over || rows.length > 0;
  };
  await until(waits, { what: 'the sign-in to wait, or to be over', timeout: 30_000 });
  await other.query('COMMIT');
  return signingIn;
}

describe('a sign-in', () => {
  it('gives no right that was taken away while the password was being checked', async () => {
    const admin = await someone('{ADMIN}');
    const { accessToken } = await signInDuring(admin, `UPDATE users.users SET roles = '{CUSTOMER}' WHERE id = $1`);
    expect(decodeJwt(accessToken).scope).not.toContain('users:admin');
  });

  it('begins no session by a password that was replaced meanwhile', async () => {
    const user = await someone('{CUSTOMER}');
    const replaced = signInDuring(user, `UPDATE users.users SET password_hash = 'another' WHERE id = $1`);
    expect(await replaced.then(() => undefined, fromServiceError)).toMatchObject({ reason: 'WRONG_CREDENTIALS' });
    const { rows } = await other.query('SELECT 1 FROM users.sessions WHERE user_id = $1', [user.id]);
    expect(rows).toEqual([]);
  });
});
