import { library } from '../test/library.js';
import { at, create, operation, schema } from '../test/parts.js';

describe('an OpenAPI document of an API that does not look as usual', () => {
  const proto = { json: { unpopulated: 'omitted', names: 'proto', enums: 'numbers' }, dialect: 'google' } as const;
  const all = {
    json: { unpopulated: 'all', names: 'json', enums: 'names' },
    dialect: 'grpc-gateway',
  } as const;
  const find = { input: 'Find', http: { get: '/v1/books/{name}' } } as const;

  it('names fields as in the proto, tells enums as numbers, and promises no field that is not set', () => {
    const document = library({ CreateBook: create }, proto);
    expect(schema(document, 'Book')).not.toHaveProperty('required');
    expect(at(schema(document, 'Book'), 'properties', 'publish_time')).toEqual({ type: 'string', format: 'date-time' });
    expect(at(schema(document, 'Book'), 'properties', 'mood')).toEqual({ $ref: '#/components/schemas/MoodNumber' });
    expect(schema(document, 'MoodNumber')).toEqual({ type: 'integer', format: 'int32' });
    expect(at(schema(document, 'BookInput'), 'properties', 'publish_time')).toBeDefined();
    expect(at(schema(document, 'BookInput'), 'properties', 'mood', 'anyOf', '0')).toEqual({
      $ref: '#/components/schemas/Mood',
    });
    const content = at(operation(document, '/v1/books', 'post'), 'requestBody', 'content', 'application/json');
    expect(at(content, 'example', 'author')).toEqual({ first_name: 'text' });
  });

  it('has parameters by those names, and none for maps in the google dialect', () => {
    const names = (look?: typeof proto) => {
      const document = library(
        { Find: { ...find, http: { get: '/v1/books' } }, List: { input: 'Book', http: { get: '/v1/all' } } },
        look,
      );
      return ['/v1/books', '/v1/all'].flatMap((path) =>
        (at(operation(document, path, 'get'), 'parameters') as { name: string }[]).map(({ name }) => name),
      );
    };
    expect(names(proto)).toEqual(expect.arrayContaining(['author.first_name', 'publish_time']));
    expect(names(proto)).not.toContain('labels');
    expect(names()).toEqual(expect.arrayContaining(['author.firstName', 'publishTime', 'labels']));
  });

  it('tells every field, unset messages as null and unset enums by name, and takes unknown names', () => {
    const document = library({ CreateBook: create }, all);
    const required = at(schema(document, 'Book'), 'required');
    expect(required).toEqual(expect.arrayContaining(['mood', 'author', 'publishTime', 'labels']));
    expect(required).not.toContain('paper');
    expect(at(schema(document, 'Book'), 'properties', 'publishTime', 'type')).toEqual(['string', 'null']);
    expect(at(schema(document, 'Mood'), 'enum')).toEqual(['MOOD_UNSPECIFIED', 'HAPPY', 'SAD']);
    expect(schema(document, 'BookInput')).not.toHaveProperty('additionalProperties');
    expect(at(document, 'info', 'description')).toContain('is passed over');
  });

  it('tells errors as google.rpc.Status in the grpc-gateway dialect', () => {
    const document = library({ Find: find }, all);
    const { $ref } = at(operation(document, '/v1/books/{name}', 'get'), 'responses', '404') as { $ref: string };
    expect($ref).toBe('#/components/responses/RouteNotFound_Status');
    expect(at(document, 'components', 'responses', 'RouteNotFound_Status', 'content')).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/GrpcStatus' } },
    });
    expect(schema(document, 'GrpcStatus')).toMatchObject({ required: ['code', 'message', 'details'] });
    expect(schema(library({ Find: find }), 'GrpcStatus')).toBeUndefined();
  });
});
