import type { DescField, DescMessage, DescService } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { bodies, jsonField, jsonObject } from './bodies.js';
import { texts } from './texts.js';

/** One request for both gateways. */
export interface CheckRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const FORM = 'application/x-www-form-urlencoded';

/** Random requests for check.proto, most of them right in most of their parts. */
export function requests(service: DescService): fc.Arbitrary<CheckRequest> {
  const everything = inputOf(service, 'Get');
  const update = inputOf(service, 'Update');
  const text = texts({ scalar: undefined });
  const path = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
    fc
      .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part.chain(encoded))))
      .map((all) => all.join(''));
  const of = (name: string) => texts(fieldOf(everything, name));
  const typed = path(
    '/v1/typed/',
    of('small'),
    '/',
    of('large'),
    '/',
    of('flag'),
    '/',
    of('mood'),
    '/',
    of('data'),
    '/',
    of('precise'),
  );
  const gets = fc.oneof(
    path('/v1/things/', text),
    path('/v1/shelves/', text, '/books/', text),
    path('/v1/files/', text, '/', text),
    typed,
    path('/v1/choices/', text),
    path('/v1/maybe/', text, ':look'),
    fc.constantFrom(
      '/v1/unbound',
      '/v1/files',
      '/v1/files/',
      '/v1/things/',
      '/v1/unbound/',
      '/v1//things',
      '/v1/none',
      '/v1/things/a/b',
      '/v1/things/a:look',
    ),
  );
  const parts = fc.constantFrom(
    ...['leaf', 'large', 'leaves', 'larges', 'mood', 'counts', 'time'].map((name) => `/v1/parts/${name}`),
  );
  const queried = (target: fc.Arbitrary<string>, desc: DescMessage) =>
    fc.tuple(target, queries(desc)).map((pair) => pair.join(''));
  const whole = bodies(jsonObject(everything, 'wild'));
  const post = (target: fc.Arbitrary<string>, body: fc.Arbitrary<string>) => bodied(fc.constant('POST'), target, body);
  return fc.oneof(
    {
      arbitrary: fc
        .tuple(queried(gets, everything), odd(fc.constant('GET')))
        .map(([target, method]) => bare(method, target)),
      weight: 8,
    },
    { arbitrary: queried(parts, everything).map((target) => bare('GET', target)), weight: 2 },
    { arbitrary: queried(path('/v1/things/', text), everything).map((target) => bare('DELETE', target)), weight: 1 },
    { arbitrary: post(fc.constantFrom('/v1/things', '/v1/things', '/v1/things?text=a'), whole), weight: 4 },
    { arbitrary: bodied(fc.constant('PUT'), path('/v1/things/', text), whole), weight: 2 },
    { arbitrary: post(path('/v1/choices/', text), whole), weight: 1 },
    {
      arbitrary: post(
        queried(path('/v1/leaves/', text), everything),
        bodies(jsonField(fieldOf(everything, 'leaf'), 'wild')),
      ),
      weight: 3,
    },
    {
      arbitrary: post(
        queried(path('/v1/lists/', text), everything),
        bodies(jsonField(fieldOf(everything, 'leaves'), 'wild')),
      ),
      weight: 1,
    },
    {
      arbitrary: bodied(
        fc.constant('PATCH'),
        queried(path('/v1/things/', text), update),
        bodies(jsonField(fieldOf(update, 'thing'), 'wild')),
      ),
      weight: 4,
    },
    {
      arbitrary: bodied(fc.constant('PATCH'), fc.constant('/v1/whole'), bodies(jsonObject(update, 'wild'))),
      weight: 1,
    },
    { arbitrary: forms(gets, everything), weight: 2 },
  );
}

function bare(method: string, target: string): CheckRequest {
  return { method, target, headers: {}, body: undefined };
}

function bodied(
  method: fc.Arbitrary<string>,
  target: fc.Arbitrary<string>,
  body: fc.Arbitrary<string>,
): fc.Arbitrary<CheckRequest> {
  const types = fc.constantFrom(
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'x/y',
  );
  return fc.tuple(odd(method), target, types, body).map(([name, at, type, text]) => ({
    method: name,
    target: at,
    headers: { 'content-type': type },
    body: text,
  }));
}

/** Forms: for a path without POST, for an RPC without a body, and with the header that names another method. */
function forms(gets: fc.Arbitrary<string>, desc: DescMessage): fc.Arbitrary<CheckRequest> {
  const target = fc.oneof(gets, fc.constantFrom('/v1/clicks/a:click', '/v1/clicks/a:click?small=1', '/v1/things'));
  const overrides = fc.constantFrom<Record<string, string>[]>(
    {},
    {},
    { 'x-http-method-override': 'get' },
    { 'x-http-method-override': 'DELETE' },
  );
  return fc.tuple(target, queries(desc), overrides).map(([at, query, override]) => ({
    method: 'POST',
    target: at,
    headers: { 'content-type': FORM, ...override },
    body: query.slice(1),
  }));
}

/** Seldom another method. */
function odd(method: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: method, weight: 600 },
    { arbitrary: fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH', 'GET', 'LOCK'), weight: 18 },
    { arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'BREW'), weight: 1 },
  );
}

/** `?a=b&…`, or nothing. */
function queries(desc: DescMessage): fc.Arbitrary<string> {
  const parameter = fc.oneof(
    { arbitrary: known(desc, 0), weight: 20 },
    {
      arbitrary: fc.constantFrom(
        'nobody=1',
        'nobody',
        'leaf.nobody=1',
        'text.nobody=1',
        'leaves.name=a',
        'text[a]=1',
        'maybe_text=a&maybeText=b',
        'texts=a&texts=b',
        '=',
        '',
      ),
      weight: 2,
    },
    {
      arbitrary: fc.constantFrom(
        'text=a;b',
        'nobody=%zz',
        'nobody=%ff',
        'labels=a&labels=b',
        'labels[a]=1&labels[a]=2',
        'nobody[x]=1',
      ),
      weight: 1,
    },
  );
  return fc.array(parameter, { maxLength: 3 }).map((all) => (all.length === 0 ? '' : `?${all.join('&')}`));
}

function known(desc: DescMessage, depth: number): fc.Arbitrary<string> {
  return fc.constantFrom(...desc.fields).chain((field) => {
    const name = fc.constantFrom(field.name, field.jsonName);
    const isDeep =
      field.fieldKind === 'message' &&
      depth < 2 &&
      (!field.message.typeName.startsWith('google.') || /Timestamp|Int32Value/.test(field.message.name));
    const below = isDeep ? fc.tuple(name, known(field.message, depth + 1)).map((pair) => pair.join('.')) : undefined;
    const value = texts(field).chain(encoded);
    const key =
      field.fieldKind === 'map'
        ? texts({ scalar: field.mapKey })
            .chain(encoded)
            .map((text) => `[${text}]`)
        : fc.constant('');
    const own = fc.tuple(name, key, value).map(([left, middle, right]) => `${left}${middle}=${right}`);
    return below ? fc.oneof({ arbitrary: below, weight: 4 }, { arbitrary: own, weight: 1 }) : own;
  });
}

/** As browsers write it, and as others may. */
function encoded(text: string): fc.Arbitrary<string> {
  const plain = encodeURIComponent(text);
  return fc.constantFrom(plain, plain, plain, plain.replaceAll('%2F', '/').replaceAll('%3A', ':'));
}

function inputOf(service: DescService, name: string): DescMessage {
  const rpc = service.methods.find((method) => method.name === name);
  if (!rpc) throw new Error(`check.proto has no ${name}`);
  return rpc.input;
}

function fieldOf(desc: DescMessage, name: string): DescField {
  const field = desc.fields.find((one) => one.name === name);
  if (!field) throw new Error(`${desc.name} has no ${name}`);
  return field;
}
