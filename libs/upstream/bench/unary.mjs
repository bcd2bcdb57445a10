// What one unary call costs the caller's process, by channel: CPU of user and system together, messages as raw bytes. The server
// is a process of its own. Rounds of the channels take turns, so that whatever else the machine does hits all of them.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import grpc from '@grpc/grpc-js';
import { CHANNEL_OPTIONS, listEndpoints, unaryCall } from '#libs/calls';
import { CHANNELS, openUpstream } from '#libs/upstream';

const HELP = `What a unary call costs the caller, by channel, in CPU-µs.

  npm run bench:upstream -- [--calls 20000] [--rounds 5] [--in-flight 32] [--bytes 330] [--only framed] [--calls-lib]

--calls-lib calls as the gateway does, with retries and metrics (unaryCall of libs/calls); without it there is grpc-js's Client alone.

To see where it goes: node --cpu-prof libs/upstream/bench/unary.mjs --only framed (after npm run build).`;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    'in-flight': { type: 'string', default: '32' },
    bytes: { type: 'string', default: '330' },
    only: { type: 'string' },
    'calls-lib': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const asIs = (bytes) => bytes;
const REQUEST = Buffer.from([10, 9, ...Buffer.from('prod-0001')]);
const PATH = '/bench.v1.Bench/Get';

const server = fork(new URL('server.mjs', import.meta.url), [values.bytes]);
const [port] = await once(server, 'message');
listEndpoints('bench', 'dns');
const clients = CHANNELS.filter((channel) => values.only === undefined || values.only === channel).map((channel) => {
  const [target, authority] = [`bench:127.0.0.1:${port}`, `127.0.0.1:${port}`];
  return { channel, client: openUpstream({ channel, target, authority, options: CHANNEL_OPTIONS }), costs: [] };
});

for (const { client } of clients) await run(client, 5_000);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { channel, client, costs } of clients) {
    const before = process.cpuUsage();
    const begun = performance.now();
    await run(client, Number(values.calls));
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / Number(values.calls));
    const perSecond = Number(values.calls) / ((performance.now() - begun) / 1000);
    console.log(
      `round ${round + 1}  ${channel.padEnd(8)} ${costs.at(-1).toFixed(1)} CPU-µs a call, ${perSecond.toFixed(0)}/s`,
    );
  }
}
for (const { channel, costs } of clients) {
  const sorted = costs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  console.log(
    `${channel.padEnd(8)} median ${median.toFixed(1)} CPU-µs a call (${sorted[0].toFixed(1)} to ${sorted.at(-1).toFixed(1)})`,
  );
}
for (const { client } of clients) client.close();
server.kill();

/** So many calls, so many of them at a time; every answer is looked at. */
function run(client, calls) {
  const { promise, resolve, reject } = Promise.withResolvers();
  let [begun, ended] = [0, 0];
  const next = () => {
    if (begun++ >= calls) return;
    ask(client, (error, answer) => {
      if (error || answer.length !== Number(values.bytes)) reject(error ?? new Error('a wrong answer'));
      else if (++ended === calls) resolve();
      else next();
    });
  };
  for (let count = 0; count < Number(values['in-flight']); count++) next();
  return promise;
}

function ask(client, done) {
  const [metadata, deadline] = [new grpc.Metadata(), Date.now() + 10_000];
  if (!values['calls-lib']) return client.makeUnaryRequest(PATH, asIs, asIs, REQUEST, metadata, { deadline }, done);
  const call = { client, path: PATH, request: REQUEST, serialize: asIs, deserialize: asIs, metadata, deadline };
  return unaryCall({ ...call, attempts: 3 }).then((answer) => done(null, answer), done);
}
