import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { sharedStore, until } from '#libs/testing';
import { loadRegistry, Router, routesOf } from '#libs/transcoding';
import { type Answers, FileRun, type Reader, textAt } from './file-run.js';
import { type Expected, parseHttpFile } from './http-file.js';

const FOLDER = 'requests';
const DESCRIPTORS = 'libs/contracts/descriptors/store.binpb';

const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.http'))
  .map((name) => ({ name, ...parseHttpFile(readFileSync(join(FOLDER, name), 'utf8')) }));

describe('the requests', () => {
  it('show every operation of the store with success', () => {
    const routes = [...loadRegistry(readFileSync(DESCRIPTORS), DESCRIPTORS)]
      .flatMap((type) => (type.kind === 'service' ? type.methods : []))
      .flatMap((rpc) => routesOf(rpc));
    const router = new Router(routes);
    const shown = files.flatMap(({ requests }) =>
      requests.flatMap(({ method, url, expected }) => {
        const path = url
          .replace('{{host}}', '')
          .replace(/\?.*/, '')
          .replaceAll(/\{\{.+?\}\}/g, 'x');
        const match = router.match(method, path);
        return match.kind === 'route' && expected.status < 300 ? [match.route.rpc] : [];
      }),
    );
    const names = (rpcs: Iterable<{ toString(): string }>) => [...new Set(rpcs)].map(String).sort();
    expect(names(shown)).toEqual(names(routes.map(({ rpc }) => rpc)));
  });

  it('refer to nothing but the store on its usual ports', () => {
    const variables = files.flatMap((file) => Object.entries(file.variables));
    const addresses = variables.filter(([, value]) => !value.startsWith('paste-')).map((entry) => entry.join(' = '));
    expect([...new Set(addresses)].sort()).toEqual([
      'host = http://127.0.0.1:8080',
      'mailbox = http://127.0.0.1:9101/mailbox',
    ]);
  });
});

describe.each(files)('$name', ({ requests, ...file }) => {
  let run: FileRun;
  beforeAll(async () => {
    run = new FileRun({ ...file, requests }, await reader());
  }, 300_000);

  it.each(requests)(
    '$title',
    async (request) => {
      const { expected, method } = request;
      // What takes a moment is looked at until it is there, as a reader does; what is there in the end is told below.
      const wait = { timeout: 30_000, interval: 200, what: request.title };
      if (method === 'GET') await until(async () => fits(await run.send(request), expected), wait).catch(() => {});
      const got = await run.send(request);
      expect({ ...got, text: fits(got, expected) ? '' : got.text }).toEqual({ ...expected, text: '' });
    },
    90_000,
  );
});

function fits(got: Expected, { status, words }: Expected): boolean {
  return got.status === status && got.words.length === words.length;
}

/** What a reader does with a file: knows where the store is, reads mails, has an authenticator. */
async function reader(): Promise<Reader> {
  const { gateway, apps } = await sharedStore();
  const mailbox = `${apps.users?.ops}/mailbox`;
  const mailed = (subject: string) => async (answers: Answers) => {
    const email = textAt(answers.get('signUp'), 'email');
    const look = async () => {
      const articles = (await (await fetch(mailbox)).text()).split('<article>');
      const article = articles.find((text) => text.includes(subject) && text.includes(email));
      return /^[\w-]{43}$/m.exec(article ?? '')?.[0];
    };
    return until(look, { timeout: 60_000, what: `the mail "${subject}"` });
  };
  return {
    host: () => gateway.url,
    mailbox: () => mailbox,
    verificationToken: mailed('Is this your address?'),
    resetToken: mailed('A new password'),
    totpCode: (answers) => new TOTP({ secret: textAt(answers.get('enrolment'), 'secret') }).generate(),
  };
}
