import { library } from '../test/library.js';
import { at, create, operation, schema } from '../test/parts.js';

describe('an OpenAPI document', () => {
  it('has a path for each binding, with verbs and variables of several segments taken apart', () => {
    const document = library({
      GetBook: {
        input: 'Find',
        http: { get: '/v1/{name=shelves/*/books/*}', additionalBindings: [{ get: '/v1/files/{name=**}' }] },
      },
      Lend: { input: 'Find', http: { post: '/v1/books/{name}:lend', body: '*' } },
    });
    expect(Object.keys(Object(document.paths))).toEqual([
      '/v1/books/{name}:lend',
      '/v1/files/{name}',
      '/v1/shelves/{shelvesId}/books/{booksId}',
    ]);
    expect(operation(document, '/v1/files/{name}', 'get')).toMatchObject({ operationId: 'Library_GetBook_2' });
    expect(at(operation(document, '/v1/files/{name}', 'get'), 'parameters', '0')).toMatchObject({
      name: 'name',
      description: 'May hold slashes.',
    });
  });

  it('tells of custom kinds what OpenAPI can: a method that is left open is the one that clients use', () => {
    const rule = (kind: string) => ({ custom: { kind, path: `/v1/${kind === '*' ? 'any' : kind}/{name}` } });
    const document = library({
      Head: { input: 'Find', http: rule('HEAD') },
      Any: { input: 'Find', http: rule('*') },
      AnyBody: { input: 'Find', http: { ...rule('*'), custom: { kind: '*', path: '/v1/all' }, body: '*' } },
      Purge: { input: 'Find', http: rule('PURGE') },
    });
    const told = Object.entries(Object(document.paths)).map(([path, item]) => [path, ...Object.keys(Object(item))]);
    expect(told).toEqual([
      ['/v1/HEAD/{name}', 'head'],
      ['/v1/all', 'post'],
      ['/v1/any/{name}', 'get'],
    ]);
  });

  it('tells the forms and rules of a request, and refuses what it does not know', () => {
    expect(schema(library({ CreateBook: create }), 'BookInput')).toMatchObject({
      additionalProperties: false,
      required: ['name', 'title', 'pages', 'author'],
      oneOf: [{ required: ['paper'] }, { required: ['screen'] }, expect.anything()],
      properties: {
        title: { type: 'string', minLength: 1, maxLength: 80, description: 'As on the cover, without the subtitle.' },
        mood: { anyOf: [{ $ref: '#/components/schemas/Mood' }, { type: 'integer' }, { type: 'null' }] },
        tags: {
          type: ['array', 'null'],
          ...{ maxItems: 3, uniqueItems: true },
          items: { type: 'string', minLength: 2, maxLength: 2 },
        },
        labels: {
          type: ['object', 'null'],
          maxProperties: 9,
          propertyNames: { minLength: 1 },
          additionalProperties: { type: ['integer', 'string'], minimum: 1 },
        },
        cover: { type: ['string', 'null'], contentEncoding: 'base64' },
        publishTime: { type: ['string', 'null'], format: 'date-time' },
        loan: { type: ['string', 'null'], pattern: expect.stringContaining('s$') },
        free: { type: ['object', 'null'], additionalProperties: true },
        code: { anyOf: [{ const: '' }, { type: 'string', format: 'uuid' }, { type: 'null' }] },
      },
    });
  });

  it('takes integers in a body as numbers and as texts, by the same rules', () => {
    const fields = at(schema(library({ CreateBook: create }), 'BookInput'), 'properties');
    expect(at(fields, 'pages')).toEqual({
      ...{ type: ['integer', 'string'], format: 'int32', minimum: -2147483648, exclusiveMinimum: 0, maximum: 5000 },
      pattern: '^([1-9][0-9]{0,2}|[1-4][0-9]{3}|5000)$',
    });
    expect(at(fields, 'copies')).toEqual({
      ...{ type: ['string', 'integer', 'null'], format: 'int64', minimum: 0, maximum: 250 },
      pattern: '^(0|[1-9][0-9]{0,1}|1[0-9]{2}|2[0-4][0-9]|250)$',
    });
    const find = library({ Find: { input: 'Find', http: { get: '/v1/books' } } });
    expect(at(operation(find, '/v1/books', 'get'), 'parameters')).toContainEqual(
      expect.objectContaining({ name: 'after', schema: expect.objectContaining({ type: 'string', format: 'int64' }) }),
    );
  });

  it('asks of a text for 64 bits that it fits into them', () => {
    const find = library({ Find: { input: 'Find', http: { get: '/v1/books' } } });
    const parameters = at(operation(find, '/v1/books', 'get'), 'parameters');
    const after = [parameters].flat().find((parameter) => at(parameter, 'name') === 'after');
    const pattern = new RegExp(String(at(after, 'schema', 'pattern')));
    expect('9223372036854775807').toMatch(pattern);
    expect('9223372036854775808').not.toMatch(pattern);
  });

  it('asks nothing of a message whose rules are switched off: it may be a part of the whole', () => {
    const document = library({ Patch: { input: 'Patch', http: { patch: '/v1/books', body: 'book' } } });
    const body = at(operation(document, '/v1/books', 'patch'), 'requestBody');
    expect(body).toMatchObject({ required: false });
    expect(at(body, 'content', 'application/json', 'schema')).toEqual({ $ref: '#/components/schemas/BookPatch' });
    const patch = schema(document, 'BookPatch');
    expect(at(patch, 'required')).toBeUndefined();
    expect(at(patch, 'additionalProperties')).toBe(false);
    expect(at(patch, 'properties', 'title')).toEqual({
      ...{ type: ['string', 'null'], description: 'As on the cover, without the subtitle.' },
    });
    expect(at(patch, 'properties', 'author', 'anyOf', '0')).toEqual({ $ref: '#/components/schemas/AuthorPatch' });
    expect(at(schema(document, 'AuthorPatch'), 'required')).toBeUndefined();
  });

  it('takes null for what may be absent, and for nothing else', () => {
    const book = schema(library({ CreateBook: create }), 'BookInput');
    expect(at(book, 'properties', 'title', 'type')).toBe('string');
    expect(at(book, 'properties', 'author')).toEqual({ $ref: '#/components/schemas/AuthorInput' });
    expect(at(book, 'oneOf', '0')).toEqual({ required: ['paper'], properties: { paper: { not: { type: 'null' } } } });
    expect(at(schema(library({ CreateBook: create }), 'AuthorInput'), 'properties', 'mentor')).toEqual({
      anyOf: [{ $ref: '#/components/schemas/AuthorInput' }, { type: 'null' }],
    });
    const answer = schema(library({ CreateBook: create }), 'Book');
    expect(JSON.stringify(answer)).not.toContain('null');
  });

  it('tells of an answer which fields are always there, and no rules', () => {
    const book = schema(library({ CreateBook: create }), 'Book');
    expect(at(book, 'required')).toEqual([
      'name',
      'title',
      'pages',
      'copies',
      'price',
      'tags',
      'labels',
      'cover',
      'code',
    ]);
    expect(at(book, 'properties', 'title')).toEqual({
      type: 'string',
      description: 'As on the cover, without the subtitle.',
    });
    expect(at(book, 'additionalProperties')).toBeUndefined();
    expect(schema(library({ CreateBook: create }), 'Mood')).toEqual({ type: 'string', enum: ['HAPPY', 'SAD'] });
  });

  it('leaves out of the body what the path fills, and asks for the rest', () => {
    const document = library({
      Rename: { input: 'Update', http: { patch: '/v1/{book.name=shelves/*/books/*}', body: 'book' } },
    });
    const rename = operation(document, '/v1/shelves/{shelvesId}/books/{booksId}', 'patch');
    const body = at(rename, 'requestBody', 'content', 'application/json', 'schema');
    expect(at(body, 'required')).toEqual(['title', 'pages', 'author']);
    expect(Object.keys(Object(at(body, 'properties')))).not.toContain('name');
    expect(at(rename, 'parameters')).toMatchObject([
      { name: 'shelvesId', in: 'path' },
      { name: 'booksId', in: 'path' },
      { name: 'updateMask', in: 'query' },
      { name: 'dryRun', in: 'query', schema: { type: 'boolean' } },
    ]);
  });

  it('leaves out what the gateway takes from Prefer: a request that names it is refused', () => {
    const policy = { preferWaitField: 'wait_seconds' };
    const document = library({
      Find: { input: 'Find', http: { get: '/v1/books' }, policy },
      Ask: { input: 'Find', http: { post: '/v1/books:ask', body: '*' }, policy },
    });
    const parameters = JSON.stringify(at(operation(document, '/v1/books', 'get'), 'parameters'));
    expect(parameters).toContain('"after"');
    expect(parameters).not.toContain('waitSeconds');
    expect(JSON.stringify(operation(document, '/v1/books:ask', 'post'))).not.toContain('waitSeconds');
    expect(JSON.stringify(document)).toContain('PreferWait');
    expect(JSON.stringify(document)).not.toContain('waitSeconds');
  });

  it('gives nested and repeated query parameters, and ends where a message holds itself', () => {
    const document = library({ FindBook: { input: 'Find', http: { get: '/v1/books' } } });
    const parameters = at(operation(document, '/v1/books', 'get'), 'parameters');
    expect(parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'author.firstName', in: 'query' }),
        expect.objectContaining({ name: 'author.mentor.firstName' }),
        expect.objectContaining({ name: 'tags', schema: { type: 'array', items: { type: 'string' } } }),
      ]),
    );
    expect(JSON.stringify(parameters).match(/firstName/g)?.length).toBeLessThan(6);
  });

  it('tells headers, statuses and problems as the policy has them', () => {
    const document = library({
      CreateBook: {
        ...create,
        scopes: { kind: 'scopes', all: ['books:write'], any: ['a', 'b'] },
        policy: {
          throttle: [{ rate: 1, burst: 2, per: ['PRINCIPAL'] }],
          idempotency: { required: true },
          successStatus: 201,
          location: '/v1/{name}',
          problems: { codes: ['PRODUCT_EXISTS'] },
        },
      },
    });
    const post = operation(document, '/v1/books', 'post');
    expect(at(post, 'security')).toEqual([
      { accessToken: ['books:write', 'a'] },
      { accessToken: ['books:write', 'b'] },
    ]);
    expect(at(post, 'parameters')).toEqual([{ $ref: '#/components/parameters/IdempotencyKey' }]);
    expect(Object.keys(Object(at(post, 'responses', '201', 'headers')))).toEqual(
      expect.arrayContaining(['traceresponse', 'RateLimit-Limit', 'Location', 'Idempotent-Replayed']),
    );
    expect(Object.keys(Object(at(post, 'responses')))).toEqual([
      '201',
      '400',
      '401',
      '403',
      '409',
      '413',
      '414',
      '415',
      '422',
      '429',
      '431',
      '500',
      '503',
      '504',
    ]);
    const conflict = at(document, 'components', 'responses', 'IdempotencyKeyInUse_ProductExists');
    expect(at(conflict, 'content', 'application/problem+json', 'schema', 'allOf', '1', 'properties')).toEqual({
      status: { const: 409 },
      code: { enum: ['IDEMPOTENCY_KEY_IN_USE', 'PRODUCT_EXISTS'] },
    });
  });

  it('says that other problems may come where an RPC does not list its own', () => {
    const responses = at(operation(library({ CreateBook: create }), '/v1/books', 'post'), 'responses');
    expect(at(responses, 'default')).toEqual({ $ref: '#/components/responses/OtherProblem' });
  });

  it('shows an example that the rules accept, or none', () => {
    const document = library({ CreateBook: create, Lend: { input: 'Author', http: { post: '/v1/lend', body: '*' } } });
    const example = (path: string) =>
      at(operation(document, path, 'post'), 'requestBody', 'content', 'application/json', 'example');
    expect(example('/v1/books')).toEqual({
      name: 'shelves/a/books/b',
      title: 'text',
      pages: 1,
      author: { firstName: 'text' },
    });
    expect(example('/v1/lend')).toEqual({ firstName: 'text' });
  });

  it('takes its summary and description from the comment, or the name', () => {
    const comment = ' Puts a book on a shelf. It\n has to be new.\n\n And clean.\n';
    const document = library({
      CreateBook: { ...create, comment },
      FindBook: { input: 'Find', http: { get: '/v1/b' } },
    });
    expect(operation(document, '/v1/books', 'post')).toMatchObject({
      summary: 'Puts a book on a shelf',
      description: 'Puts a book on a shelf. It has to be new.\n\nAnd clean.',
    });
    expect(operation(document, '/v1/b', 'get')).toMatchObject({ summary: 'Find book' });
  });

  it('is the same text for the same descriptors', () => {
    expect(JSON.stringify(library({ CreateBook: create }))).toBe(JSON.stringify(library({ CreateBook: create })));
  });
});
