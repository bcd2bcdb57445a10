import { services, topics } from '#libs/contracts';
import { ownKafka, type SecureKafka, secureKafka } from '#libs/testing';
import { createTopics, type KafkaPlace, updateAcls } from '../src/index.js';
import { openAclAdmin } from '../src/kafka/acls.js';
import { SILENT } from '../src/kafka/client.js';
import { Producer } from '../src/kafka/producer.js';
import { TopicReader } from '../src/kafka/topic-reader.js';
import { readersOf, writersOf } from '../src/rights.js';
import { allTopics } from '../src/topics.js';

const PREFIX = 'p.';
const principals = [...services, 'stranger'];

/** Who may write, and who may read, as a person wrote it down: a change of the contracts has to be meant. */
const EXPECTED: Readonly<Record<string, { write: string; read: string }>> = {
  'inventory.commands.v1': { write: 'orders users', read: 'inventory' },
  'inventory.product.v1': { write: 'inventory', read: 'inventory orders payments users' },
  'orders.commands.v1': { write: 'users', read: 'orders' },
  'orders.order.v1': { write: 'orders', read: 'inventory orders payments users' },
  'orders.replies.v1': { write: 'inventory payments', read: 'orders' },
  'payments.commands.v1': { write: 'orders users', read: 'payments' },
  'payments.payment.v1': { write: 'payments', read: 'inventory orders payments users' },
  'users.replies.v1': { write: 'inventory orders payments', read: 'users' },
  'users.user.v1': { write: 'users', read: 'inventory orders payments users' },
};

/** The second one is for who may write nothing at all. */
const REFUSALS = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED'];

describe('ACLs from the contracts, on a broker that keeps to them', () => {
  let kafka: SecureKafka;
  const told: string[] = [];

  beforeAll(async () => {
    kafka = await secureKafka();
    await createTopics({ ...kafka.as('admin'), prefix: PREFIX, partitions: 1 });
    await updateAcls({ ...kafka.as('admin'), prefix: PREFIX, onProgress: (line) => told.push(line) });
  });

  afterAll(() => kafka.close());

  /** `yes`, or the code by which the broker refused. */
  const mayWrite = (place: KafkaPlace, topic: string) => writes(place, topic).then(() => 'yes', codeOf);
  const mayRead = (place: KafkaPlace, topic: string) => reads(place, topic).then(() => 'yes', codeOf);

  it('are what a person would have written down', () => {
    const derived = topics.map((topic) => [
      topic,
      { write: writersOf(topic).join(' '), read: readersOf(topic).join(' ') },
    ]);
    expect(Object.fromEntries(derived)).toEqual(EXPECTED);
  });

  it('let the broker decide every pair of topic and principal so', async () => {
    const decided: Record<string, { write: string; read: string }> = {};
    for (const topic of topics) {
      const allowed = async (may: typeof mayWrite) => {
        const answers = await Promise.all(
          principals.map(async (name) => [name, await may(kafka.as(name), PREFIX + topic)] as const),
        );
        const codes = new Set(answers.map(([, answer]) => answer));
        expect([...codes].filter((code) => !['yes', ...REFUSALS].includes(code))).toEqual([]);
        return answers.flatMap(([name, answer]) => (answer === 'yes' ? [name] : [])).join(' ');
      };
      decided[topic] = { write: await allowed(mayWrite), read: await allowed(mayRead) };
    }
    expect(decided).toEqual(EXPECTED);
  });

  it('give dead letters to the service that put them aside, to write and to read', async () => {
    const letters = allTopics().flatMap(({ deadLetters }) => deadLetters);
    for (const { topic, group } of letters) {
      const other = group === 'orders' ? 'payments' : 'orders';
      const [own, foreign] = [kafka.as(group), kafka.as(other)];
      const answers = [mayWrite(own, PREFIX + topic), mayRead(own, PREFIX + topic), mayWrite(foreign, PREFIX + topic)];
      expect([topic, ...(await Promise.all([...answers, mayRead(foreign, PREFIX + topic)]))]).toEqual([
        ...[topic, 'yes', 'yes'],
        ...['TOPIC_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED'],
      ]);
    }
  });

  it('keep each group to its service: users cannot read as orders', async () => {
    const topic = `${PREFIX}orders.order.v1`;
    const as = (name: string, groups: string) =>
      TopicReader.open({ ...kafka.as(name), clientId: name, log: SILENT, topic, groups }).then(
        async (reader) => {
          await reader.close();
          return 'yes';
        },
        (error: Error) => error.message,
      );
    expect(await as('users', `${PREFIX}users.reader-`)).toBe('yes');
    expect(await as('users', `${PREFIX}orders.reader-`)).toMatch(
      /^Kafka does not let User:users read p\.orders\.order\.v1 as the group p\.orders\.reader-.* \(GROUP_AUTHORIZATION_FAILED\): run the migrate job/,
    );
    expect(await as('users', PREFIX)).toContain('GROUP_AUTHORIZATION_FAILED');
  });

  it('let nobody but an administrator make topics or grant rights', async () => {
    await expect(updateAcls({ ...kafka.as('orders'), prefix: PREFIX })).rejects.toThrow(
      /^Kafka does not let User:orders change ACLs \(CLUSTER_AUTHORIZATION_FAILED\)/,
    );
    await expect(createTopics({ ...kafka.as('orders'), prefix: 'other.' })).rejects.toThrow(
      /^Kafka does not let User:orders make topics/,
    );
  });

  it('are made once: the second time changes nothing', async () => {
    const again: string[] = [];
    await updateAcls({ ...kafka.as('admin'), prefix: PREFIX, onProgress: (line) => again.push(line) });
    expect(told).toEqual([expect.stringMatching(/^(\d+) ACLs of 4 services hold \(\1 were new, 0 were removed\)$/)]);
    expect(again).toEqual([expect.stringMatching(/^\d+ ACLs of 4 services hold \(0 were new, 0 were removed\)$/)]);
  });

  it('lose what the contracts no longer say, and nothing that somebody else made', async () => {
    const admin = await openAclAdmin(kafka.as('admin'));
    const topic = { resource: 'topic', match: 'exactly', operation: 'write' } as const;
    const past = { ...topic, service: 'users', name: `${PREFIX}orders.replies.v1` };
    const others = [
      { ...topic, service: 'stranger', name: `${PREFIX}orders.order.v1` },
      { ...topic, service: 'users', name: 'another-store.orders.order.v1' },
      { ...topic, service: 'users', name: `${PREFIX}reports` },
    ];
    await admin.grant([past, ...others]);
    expect(await mayWrite(kafka.as('users'), past.name)).toBe('yes');
    const lines: string[] = [];
    await updateAcls({ ...kafka.as('admin'), prefix: PREFIX, onProgress: (line) => lines.push(line) });
    expect(lines).toEqual([expect.stringMatching(/\(0 were new, 1 were removed\)$/)]);
    expect(await mayWrite(kafka.as('users'), past.name)).toBe('TOPIC_AUTHORIZATION_FAILED');
    expect(await admin.rights()).toEqual(expect.arrayContaining(others));
    await admin.revoke(others);
    await admin.close();
  });

  it('are nothing where the broker has no authorizer, which is said', async () => {
    const { brokers, kill } = await ownKafka();
    const lines: string[] = [];
    await updateAcls({ brokers: brokers.split(','), onProgress: (line) => lines.push(line) });
    expect(lines).toEqual(['Kafka has no authorizer: no ACLs were made, everybody may do everything there']);
    await kill();
  });
});

async function writes(place: KafkaPlace, topic: string): Promise<void> {
  const producer = new Producer({ ...place, clientId: 'test', log: SILENT });
  const message = { topic, key: 'k', value: Buffer.from('test'), headers: {} };
  await producer.send([message]).finally(() => producer.close());
}

/** Metadata may be seen by who may write; only a fetch shows who may read. Groups are asked about elsewhere. */
async function reads(place: KafkaPlace, topic: string): Promise<void> {
  const { username = '' } = place.security?.credentials ?? {};
  const groups = `${PREFIX}${username}.reader-`;
  const reader = await TopicReader.open({ ...place, clientId: username, log: SILENT, topic, groups });
  try {
    await reader.read({ partition: 0, offset: 0n });
  } finally {
    await reader.close();
  }
}

function codeOf(error: Error): string {
  return /\((\w+_FAILED)\)/.exec(error.message)?.[1] ?? error.message;
}
