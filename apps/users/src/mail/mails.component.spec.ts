import { randomUUID } from 'node:crypto';
import { until } from '#libs/testing';
import { AccountsRoom } from '../../test/accounts-room.js';
import { startUsers } from '../../test/users-service.js';
import { pauseSeconds } from './mails.js';

const VERIFY = 'Is this your address?';

describe('mails by SMTP', () => {
  let room: AccountsRoom;
  beforeAll(async () => {
    room = await AccountsRoom.open({ MAIL_FROM: 'Shop <shop@shop.example>' });
  }, 60_000);
  afterAll(() => room?.close());
  afterEach(() => {
    room.inbox.refusal = undefined;
  });

  const newcomer = () => `canary.${randomUUID()}@shop.example`;
  const signUp = async (email: string, name = 'Canary') =>
    room.users().createUser({ email, password: 'canary horse battery', name });
  const waiting = (email: string) => room.rows('SELECT * FROM mails WHERE recipient = $1', email);

  it('arrive, from the sender that is configured, and nothing of them stays in the database', async () => {
    const email = newcomer();
    await signUp(email);
    const source = await room.inbox.mail(email, VERIFY);
    expect(source).toMatch(/^From: Shop <shop@shop\.example>/m);
    expect(source).toMatch(/^Auto-Submitted: auto-generated/m);
    await until(async () => (await waiting(email)).length === 0, { what: 'the mail to be erased' });
    expect(room.inbox.to(email)).toHaveLength(1);
  });

  it('carry nothing that a stranger has typed but the address', async () => {
    const email = newcomer();
    await signUp(email, 'You have won, see https://evil.example');
    expect(await room.inbox.mail(email, VERIFY)).not.toContain('evil.example');
  });

  it('are not written when what they tell of did not happen', async () => {
    const email = newcomer();
    await signUp(email);
    await expect(signUp(email.toUpperCase())).rejects.toThrow();
    await room.mailsAreSent();
    expect(room.inbox.mails.filter(({ recipient }) => recipient.toLowerCase() === email)).toHaveLength(1);
  });

  it('go to one address, however it is written', async () => {
    const email = `canary+a-b_c.${randomUUID().slice(0, 8)}@shop.example`;
    await signUp(email);
    expect(await room.inbox.mail(email, VERIFY)).toContain(`To: ${email}`);
  });

  it('are tried again while the server does not want them now', async () => {
    const [email, { asked }] = [newcomer(), room.inbox];
    room.inbox.refusal = 451;
    await signUp(email);
    await until(() => room.inbox.asked > asked, { what: 'a first try' });
    expect(room.inbox.to(email)).toEqual([]);
    expect(await waiting(email)).toMatchObject([{ attempts: 1 }]);
    room.inbox.refusal = undefined;
    await room.inbox.mail(email, VERIFY);
  });

  it('are given up where the server will never take them', async () => {
    const email = newcomer();
    room.inbox.refusal = 550;
    await signUp(email);
    await until(() => room.service.logs.some((line) => line.includes('"mail refused"')), { what: 'a refused mail' });
    await until(async () => (await waiting(email)).length === 0, { what: 'the mail to be erased' });
    expect(room.inbox.to(email)).toEqual([]);
  });

  it('wait for a server that is away, also beyond a restart of the app', async () => {
    const email = newcomer();
    await room.inbox.stop();
    await signUp(email);
    await until(async () => (await waiting(email))[0]?.attempts === 1, { what: 'a first try' });
    const replica = await startUsers({ SMTP_URL: room.inbox.url, DATABASE_URL: room.service.database.url });
    await room.inbox.start();
    await room.inbox.mail(email, VERIFY);
    await replica.close();
  });

  it('are sent once by two replicas', async () => {
    const replica = await startUsers({ SMTP_URL: room.inbox.url, DATABASE_URL: room.service.database.url });
    const emails = Array.from({ length: 12 }, newcomer);
    await Promise.all(emails.map((email) => signUp(email)));
    for (const email of emails) await room.inbox.mail(email, VERIFY);
    await room.mailsAreSent();
    for (const email of emails) expect(room.inbox.to(email)).toHaveLength(1);
    await replica.close();
  });

  it('are erased unsent when they have expired', async () => {
    const email = newcomer();
    await room.inbox.stop();
    await signUp(email);
    await room.age('mails', 'expire_time', '25 hours');
    await until(async () => (await waiting(email)).length === 0, { what: 'the mail to be erased' });
    await room.inbox.start();
  });

  it('leave no address, token or word of the server in the log', () => {
    expect(room.service.logs.join('')).toContain('mail sent');
    expect(room.inbox.mails.length).toBeGreaterThan(10);
    expect(room.leaksInLog()).toEqual([]);
  });
});

it('pauses longer after each try, up to ten minutes', () => {
  expect([1, 2, 3, 20].map((attempts) => pauseSeconds(attempts, 1))).toEqual([5, 10, 20, 600]);
  expect(pauseSeconds(1, 0)).toBe(2.5);
});

describe('mails without SMTP', () => {
  const mailbox = async (opsUrl: string) => {
    const page = await fetch(`${opsUrl}/mailbox`);
    return { status: page.status, html: await page.text() };
  };

  it('are shown on the internal listener in demo mode, escaped, and go with their time', async () => {
    const room = await AccountsRoom.open({ SMTP_URL: '', DEMO_MODE: 'true' });
    const email = `<b>'canary'@shop.example`;
    const { id } = await room.someone();
    await room.admin.query(
      `INSERT INTO mails (id, user_id, recipient, subject, body, expire_time)
       VALUES ($1, $2, $3, '<script>alert(1)</script>', 'a & "b"', now() + interval '1 hour')`,
      [randomUUID(), id, email],
    );
    const html = await until(
      async () => {
        const page = await mailbox(room.service.opsUrl);
        return page.html.includes('alert(1)') && page.html.includes(VERIFY) && page.html;
      },
      { what: 'two mails in the mailbox' },
    );
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('to &lt;b&gt;&#39;canary&#39;@shop.example');
    expect(html).toContain('a &amp; &quot;b&quot;');
    expect(html).not.toMatch(/<script|src=|href=|@import|url\(/i);
    expect(await room.rows('SELECT 1 FROM mails')).toEqual([]);
    await room.age('mailbox', 'expire_time', '25 hours');
    expect((await mailbox(room.service.opsUrl)).html).toContain('No mail yet');
    expect(room.service.logs.join('')).not.toContain('no mail is sent');
    await room.close();
  });

  it('are not sent, and the app says so, in a store that is neither', async () => {
    const room = await AccountsRoom.open({ SMTP_URL: '' });
    expect(room.service.logs.join('')).toContain(
      'no mail is sent: set SMTP_URL, or DEMO_MODE=true for a mailbox on the internal listener',
    );
    const { id } = await room.someone();
    expect((await mailbox(room.service.opsUrl)).status).toBe(404);
    expect(await room.rows('SELECT attempts FROM mails WHERE user_id = $1', id)).toEqual([{ attempts: 0 }]);
    await room.close();
  });
});
