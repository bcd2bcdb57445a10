import { Connection, type RawAnswer } from '../../test/connection.js';
import { TestGateway } from '../../test/test-gateway.js';
import { BODIES } from '../../test/wire/body-rows.js';
import { FRAMING, PIPELINE, SYNTAX } from '../../test/wire/connection-rows.js';
import { PROTOCOL, TARGETS } from '../../test/wire/request-rows.js';
import { GOOD, type WireRow } from '../../test/wire/row.js';

describe.each([
  ['syntax', SYNTAX],
  ['framing', FRAMING],
  ['a pipeline', PIPELINE],
  ['the protocol', PROTOCOL],
  ['the target', TARGETS],
  ['a body', BODIES],
])('on the wire, %s', (_, rows) => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
    test.upstream.answer('GetProduct', async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return {};
    });
  });
  afterAll(() => test?.close());

  it.each(Object.entries(rows))('%s', async (_name, row) => {
    const connection = await Connection.open(test.running.url);
    connection.send(row.bytes);
    if (row.finish) connection.finish();
    const answers = row.fate === 'closed' ? await connection.answers() : await keptAnswers(connection, row);
    connection.destroy();
    expect(answers.map(outcome)).toEqual(row.answers);
    for (const answer of answers.filter(({ status }) => status >= 400)) expectSafeProblem(answer);
    const last = answers.at(-1);
    for (const [name, value] of Object.entries(row.headers ?? {})) expect(last?.headers[name]).toMatch(value);
    for (const [name, value] of Object.entries(row.headers ?? {}))
      if (value === '') expect(last?.headers[name]).toBe('');
    if (row.says !== undefined) expect(last?.body.replaceAll('\\"', '"')).toMatch(row.says);
  });
});

/** The answers, with proof that the connection is good for another request. */
async function keptAnswers(connection: Connection, { answers }: WireRow): Promise<RawAnswer[]> {
  const taken: RawAnswer[] = [];
  for (let i = 0; i < answers.length; i++) taken.push(await connection.answer());
  connection.send(GOOD);
  expect((await connection.answer()).status).toBe(200);
  return taken;
}

function outcome({ status, headers, body }: RawAnswer): WireRow['answers'][number] {
  return headers['content-type'] === 'application/problem+json' ? [status, JSON.parse(body).code] : status;
}

function expectSafeProblem({ status, headers, body }: RawAnswer): void {
  expect(headers['content-type']).toBe('application/problem+json');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  const { code, type, status: told, traceId } = JSON.parse(body);
  expect({ type, told }).toEqual({ type: `/errors/${code}`, told: status });
  expect(headers.traceresponse === undefined || headers.traceresponse.includes(traceId)).toBe(true);
  // Nothing of what runs inside: no stack, path, class, library or address.
  expect(body).not.toMatch(/node_modules|\.[jt]s:\d|\bat \w+ \(|Error:|HPE_|FST_|127\.0\.0\.1|hunter2/);
  expect(headers).not.toHaveProperty('server');
  expect(headers).not.toHaveProperty('x-powered-by');
}
