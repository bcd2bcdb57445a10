// CPU of a match, few routes against many, in one run: npm run bench:router.
import { parseArgs } from 'node:util';
import { parseTemplate, Router } from '#libs/transcoding';

const HELP = `Times the router with 10 and with 1,000 routes, in turn, in one process; prints ns of CPU a match: the best of the
rounds and, in brackets, their median; and the ratio of the best. Both routers are asked for as many different paths.
  npm run bench:router -- [--rounds 15] [--matches 400000]`;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    matches: { type: 'string', default: '400000' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [rounds, matches] = [Number(values.rounds), Number(values.matches)];

/** Five routes a resource, as AIP-131 to 136 have them. */
const kinds = [
  ['GET', (one) => `/v1/{parent=shelves/*}/${one}`, (one, id) => `/v1/shelves/${id}/${one}`],
  ['POST', (one) => `/v1/{parent=shelves/*}/${one}`, (one, id) => `/v1/shelves/${id}/${one}`],
  ['GET', (one) => `/v1/{name=shelves/*/${one}/*}`, (one, id) => `/v1/shelves/${id}/${one}/42`],
  ['POST', (one) => `/v1/{name=shelves/*/${one}/*}:archive`, (one, id) => `/v1/shelves/${id}/${one}/42:archive`],
  ['GET', (one) => `/v1/${one}/{id}/history`, (one, id) => `/v1/${one}/${id}/history`],
];

const PATHS = 1_000;

function routerOf(resources) {
  const names = Array.from({ length: resources }, (_, index) => `things${index}`);
  const routes = names.flatMap((one) =>
    kinds.map(([httpMethod, template]) => ({ httpMethod, template: parseTemplate(template(one)), binding: 0 })),
  );
  const asked = Array.from({ length: PATHS }, (_, index) => {
    const [method, , path] = kinds[index % kinds.length];
    return [method, path(names[Math.floor(index / kinds.length) % names.length], index)];
  });
  return { router: new Router(routes), asked };
}

const [few, many] = [2, 200].map(routerOf);
const unknown = many.asked.map(([method, path]) => [method, path.replace('v1', 'v2')]);
const unequal = many.asked.map(([, path]) => ['DELETE', path]);
const cases = [
  ['paths of the ten routes that both have', few.asked, few.asked],
  ['paths of all routes in turn', few.asked, many.asked],
  ['paths that fit nothing', unknown, unknown],
  ['paths that have other methods', few.asked.map(([, path]) => ['DELETE', path]), unequal],
];

console.log(`Node ${process.version}, ${rounds} rounds of ${matches} matches\n`);
console.log('| | 10 routes, ns | 1,000 routes, ns | ratio |\n|---|---|---|---|');
for (const [name, ofFew, ofMany] of cases) {
  const samples = [[], []];
  for (let round = -2; round < rounds; round++) {
    const both = [time(few.router, ofFew), time(many.router, ofMany)];
    // The first rounds are for warming up.
    if (round >= 0) for (const [index, sample] of both.entries()) samples[index].push(sample);
  }
  const [a, b] = samples.map((sample) => Math.min(...sample));
  console.log(`| ${name} | ${figure(samples[0])} | ${figure(samples[1])} | ${(b / a).toFixed(2)} |`);
}

function time(router, asked) {
  let found = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < matches; i++) {
    const [method, path] = asked[i % asked.length];
    if (router.match(method, path).kind === 'route') found++;
  }
  const { user, system } = process.cpuUsage(before);
  if (found !== 0 && found !== matches) throw new Error(`${found} of ${matches} paths were found`);
  return ((user + system) * 1000) / matches;
}

function median(samples) {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1];
}

function figure(samples) {
  return `${Math.min(...samples).toFixed(0)} (${median(samples).toFixed(0)})`;
}
