import { parseHttpFile } from './http-file.js';

const request = (lines: string) => parseHttpFile(`### A title\n${lines}`).requests[0];

describe('an .http file', () => {
  it('is variables and requests with what is expected of them', () => {
    const text = `# What it is about
@host = http://127.0.0.1:8080

### First
@token = paste-it
# @name first
# → 201 CONFIRMED SUCCEEDED
POST {{host}}/v1/things?a=1
Content-Type: application/json

{
  "a": "{{$guid}}"
}

### Second
# → 404
GET {{host}}/v1/things/{{first.response.body.id}}
`;
    expect(parseHttpFile(text)).toEqual({
      variables: { host: 'http://127.0.0.1:8080', token: 'paste-it' },
      requests: [
        {
          title: 'First',
          name: 'first',
          method: 'POST',
          url: '{{host}}/v1/things?a=1',
          headers: { 'content-type': 'application/json' },
          body: '{\n  "a": "{{$guid}}"\n}',
          expected: { status: 201, words: ['CONFIRMED', 'SUCCEEDED'] },
        },
        {
          title: 'Second',
          name: undefined,
          method: 'GET',
          url: '{{host}}/v1/things/{{first.response.body.id}}',
          headers: {},
          body: undefined,
          expected: { status: 404, words: [] },
        },
      ],
    });
  });

  it('says what of it no editor or not every editor understands', () => {
    expect(() => request('GET /')).toThrow('"# → 200" is missing');
    expect(() => request('# → 200\nGET / HTTP/1.1')).toThrow('no request, but GET / HTTP/1.1');
    expect(() => request('# → 200')).toThrow('no request, but nothing');
    expect(() => request('# → 200\nGET /\n?a=1')).toThrow('no header: ?a=1');
    expect(() => parseHttpFile('GET /')).toThrow('before the first ###: GET /');
    expect(() => parseHttpFile('@a = 1\n@a = 2')).toThrow('@a has two values');
  });
});
