import type { Outcome } from './letters.js';

/** A request and what comes of it, in each dialect unless they differ. */
type Case = readonly [request: string, body: string, outcome: Outcome | { strict: Outcome; google: Outcome }];

const id = (rpc: string, letterId = '1'): Outcome => ({ rpc, message: { letterId } });
const refused = (what: string): Outcome => ({ refused: what });
const allow = (methods: string): Outcome => ({ allow: methods });
const none: Outcome = 'not found';

/** The rules of google/api/http.proto, each by its subject: what follows it, and what breaks it. */
export const HTTP_RULES: Readonly<Record<string, readonly Case[]>> = {
  'each pattern is for its method': [
    ['GET /get/1', '', id('Get')],
    ['PUT /put/1', '', id('Put')],
    ['POST /post/1', '', id('Post')],
    ['DELETE /delete/1', '', id('Delete')],
    ['PATCH /patch/1', '', id('Patch')],
    ['POST /get/1', '', allow('GET,HEAD,OPTIONS')],
    ['PUT /post/1', '', allow('OPTIONS,POST')],
    ['get /get/1', '', allow('GET,HEAD,OPTIONS')],
  ],
  'a custom kind is a method of any name': [
    ['HEAD /head/1', '', id('Head')],
    ['OPTIONS /options/1', '', id('Options')],
    ['PURGE /purge/1', '', id('Purge')],
    ['GET /head/1', '', allow('HEAD,OPTIONS')],
    ['GET /purge/1', '', allow('OPTIONS,PURGE')],
  ],
  'the custom kind * leaves the method open': [
    ['GET /any/1', '', id('Any')],
    ['TRACE /any/1', '', id('Any')],
    ['WHATEVER /any/1', '', id('Any')],
    ['GET /any', '', none],
  ],
  'an RPC has further methods and paths by its additional bindings': [
    ['GET /several/1', '', id('Several')],
    ['GET /several/readers/me/letters/1', '', { rpc: 'Several', message: { letterId: '1', readerId: 'me' } }],
    ['POST /several', '{"text":"Hi"}', { rpc: 'Several', message: { text: 'Hi' } }],
    ['POST /several/1', '', allow('GET,HEAD,OPTIONS')],
    ['GET /several/readers/me', '', none],
  ],
  'a variable of the path fills its field': [
    ['GET /pattern/letters/1', '', id('Pattern', 'letters/1')],
    ['GET /pattern/cards/1', '', none],
    ['GET /pattern/letters', '', none],
    ['GET /pattern/letters/1/2', '', none],
  ],
  'a variable may name a field of a field': [
    ['GET /nested/red/blue', '', { rpc: 'Nested', message: { seal: { color: 'red', inner: { color: 'blue' } } } }],
    ['GET /nested/red', '', none],
  ],
  'a variable is of a primitive type, read from its text': [
    ['GET /number/-7/true/MERRY', '', { rpc: 'Number', message: { revision: '-7', urgent: true, mood: 'MERRY' } }],
    ['GET /number/7/false/1', '', { rpc: 'Number', message: { revision: '7', mood: 'MERRY' } }],
    ['GET /number/x/true/MERRY', '', refused('VALIDATION_FAILED revision')],
    ['GET /number/7/yes/SAD', '', refused('VALIDATION_FAILED urgent,mood')],
  ],
  '* is one segment': [
    ['GET /star/a/end', '', { rpc: 'Star', message: {} }],
    ['GET /star/a%2Fb/end', '', { rpc: 'Star', message: {} }],
    ['GET /star/end', '', none],
    ['GET /star/a/b/end', '', none],
    ['GET /star//end', '', none],
  ],
  '** is zero or more segments': [
    ['GET /rest', '', { rpc: 'Rest', message: {} }],
    ['GET /rest/a', '', { rpc: 'Rest', message: {} }],
    ['GET /rest/a/b/c', '', { rpc: 'Rest', message: {} }],
    ['GET /rest/', '', none],
    ['GET /rests', '', none],
  ],
  'a verb stands behind the last segment, also behind **': [
    ['POST /verb/a/b:seal', '', id('Verb', 'a/b')],
    ['POST /verb/a:b:seal', '', id('Verb', 'a:b')],
    ['POST /verb/a', '', none],
    ['POST /verb/a:open', '', none],
    ['POST /verb/a%3Aseal', '', none],
    ['POST /verb/a:seal/b', '', none],
  ],
  'a literal is compared as text, with what a path cannot hold percent-encoded': [
    ["GET /a%20b/%C3%BC/(it's)", '', { rpc: 'Literal', message: {} }],
    ["GET /a%20b/%c3%bc/(it's)", '', { rpc: 'Literal', message: {} }],
    ["GET /A%20b/%C3%BC/(it's)", '', none],
    ['GET /a+b/%C3%BC/(it%27s)', '', none],
    ['GET /g%65t/1', '', none],
  ],
  'a value of one segment is decoded whole': [
    ['GET /get/a%2Fb%20c', '', id('Get', 'a/b c')],
    ['GET /get/%E2%82%AC+~%3A', '', id('Get', '€+~:')],
    ['GET /get/%zz', '', refused('VALIDATION_FAILED letterId')],
    ['GET /get/%FF', '', refused('VALIDATION_FAILED letterId')],
  ],
  'a value of several segments keeps %2F as it is': [
    ['GET /whole/a/b%2Fc%2fd/e%20f', '', id('Whole', 'a/b%2Fc%2fd/e f')],
    ['GET /pattern/letters/a%2Fb', '', id('Pattern', 'letters/a%2Fb')],
    ['GET /whole/a/%zz', '', refused('VALIDATION_FAILED letterId')],
  ],
  'a variable does not capture the slash before it': [
    ['GET /whole/a', '', id('Whole', 'a')],
    ['GET /whole', '', { rpc: 'Whole', message: {} }],
    ['GET /whole//a', '', none],
  ],
  'without a body, what the path leaves is in the query': [
    [
      'GET /get/1?revision=2&seal.color=red&urgent=true&mood=MERRY',
      '',
      { rpc: 'Get', message: { letterId: '1', revision: '2', seal: { color: 'red' }, urgent: true, mood: 'MERRY' } },
    ],
    ['GET /get/1?reader_id=a+b%2Bc', '', { rpc: 'Get', message: { letterId: '1', readerId: 'a b+c' } }],
    ['GET /get/1?readerId=me', '', { rpc: 'Get', message: { letterId: '1', readerId: 'me' } }],
    ['GET /get/1?reader=me', '', refused('UNKNOWN_FIELD reader')],
    ['GET /get/1?revision=two', '', refused('VALIDATION_FAILED revision')],
    ['GET /get/1?text=%zz', '', refused('VALIDATION_FAILED text')],
  ],
  'what is in the path is not in the query': [
    ['GET /get/1?letter_id=2', '', id('Get')],
    [
      'GET /nested/red/blue?seal.color=green',
      '',
      { rpc: 'Nested', message: { seal: { color: 'red', inner: { color: 'blue' } } } },
    ],
  ],
  'a parameter is named by the path of its field': [
    [
      'GET /get/1?seal.inner.color=red',
      '',
      { rpc: 'Get', message: { letterId: '1', seal: { inner: { color: 'red' } } } },
    ],
    ['GET /get/1?seal.inner.colour=red', '', refused('UNKNOWN_FIELD seal.inner.colour')],
    ['GET /get/1?inner.color=red', '', refused('UNKNOWN_FIELD inner.color')],
    ['GET /get/1?seal=red', '', refused('VALIDATION_FAILED seal')],
  ],
  'a repeated field has its parameter several times': [
    ['GET /get/1?tags=a&tags=b', '', { rpc: 'Get', message: { letterId: '1', tags: ['a', 'b'] } }],
    ['GET /get/1?tags=a', '', { rpc: 'Get', message: { letterId: '1', tags: ['a'] } }],
    ['GET /get/1?seal.cuts=1&seal.cuts=2', '', { rpc: 'Get', message: { letterId: '1', seal: { cuts: [1, 2] } } }],
    ['GET /get/1?text=a&text=b', '', refused('VALIDATION_FAILED text')],
  ],
  'repeated messages are no parameters': [
    ['GET /get/1?seals=red', '', refused('VALIDATION_FAILED seals')],
    ['GET /get/1?seals.color=red', '', refused('UNKNOWN_FIELD seals.color')],
  ],
  'maps are no parameters, but for one key each in the strict dialect': [
    ['GET /get/1?labels=a', '', refused('VALIDATION_FAILED labels')],
    [
      'GET /get/1?labels[a]=b',
      '',
      {
        strict: { rpc: 'Get', message: { letterId: '1', labels: { a: 'b' } } },
        google: refused('VALIDATION_FAILED labels[a]'),
      },
    ],
  ],
  'without a body in the rule there is none': [
    ['POST /post/1', '{"text":"Hi"}', refused('MALFORMED_BODY')],
    ['POST /post/1', '{}', refused('MALFORMED_BODY')],
    ['GET /get/1', 'null', refused('MALFORMED_BODY')],
  ],
  'a body of * has every field that the path leaves': [
    [
      'POST /everything/1',
      '{"text":"Hi","seal":{"color":"red"}}',
      { rpc: 'Everything', message: { letterId: '1', text: 'Hi', seal: { color: 'red' } } },
    ],
    ['POST /everything/1', '', id('Everything')],
    ['POST /everything/1', '{"letterId":"2"}', id('Everything')],
    ['POST /everything/1', '{"letter":"2"}', refused('UNKNOWN_FIELD letter')],
    ['POST /everything/1', 'null', refused('MALFORMED_BODY')],
    ['POST /everything/1', '[]', refused('MALFORMED_BODY')],
  ],
  'beside a body of * there is no query': [
    ['POST /everything/1?text=Hi', '{}', refused('UNKNOWN_FIELD text')],
    ['POST /several?letter_id=1', '', refused('UNKNOWN_FIELD letter_id')],
  ],
  'a body may be one field, beside path and query': [
    ['PUT /part/1', '{"text":"Hi"}', { rpc: 'Part', message: { letterId: '1', letter: { text: 'Hi' } } }],
    [
      'PUT /part/1?check_only=true',
      '{"text":"Hi"}',
      { rpc: 'Part', message: { letterId: '1', letter: { text: 'Hi' }, checkOnly: true } },
    ],
    ['PUT /part/1', '', id('Part')],
    ['PUT /part/1', '{"letter":{"text":"Hi"}}', refused('UNKNOWN_FIELD letter.letter')],
    ['PUT /part/1?letter.text=Hi', '{}', refused('UNKNOWN_FIELD letter.text')],
    ['PUT /part/1', 'null', { strict: refused('MALFORMED_BODY'), google: id('Part') }],
  ],
  'a variable may be within the body, and wins': [
    [
      'PATCH /update/1?updateMask=text',
      '{"text":"Hi","letterId":"2"}',
      { rpc: 'Update', message: { letter: { letterId: '1', text: 'Hi' }, updateMask: 'text' } },
    ],
    [
      'PATCH /update/1',
      '{"text":"Hi","seal":{"color":""}}',
      {
        strict: {
          rpc: 'Update',
          message: { letter: { letterId: '1', text: 'Hi', seal: {} }, updateMask: 'text,seal.color' },
        },
        google: { rpc: 'Update', message: { letter: { letterId: '1', text: 'Hi', seal: {} } } },
      },
    ],
  ],
  'a body may be a repeated field: a JSON array': [
    ['PUT /tags/1', '["a","b"]', { rpc: 'Tags', message: { letterId: '1', tags: ['a', 'b'] } }],
    ['PUT /tags/1', '[]', id('Tags')],
    ['PUT /tags/1', '{"tags":["a"]}', refused('VALIDATION_FAILED tags')],
    ['PUT /tags/1', '["a",1]', refused('VALIDATION_FAILED tags[1]')],
  ],
  'JSON is as the mapping of protobuf has it': [
    [
      'POST /everything/1',
      '{"revision":"9007199254740993","mood":1,"tags":null}',
      { rpc: 'Everything', message: { letterId: '1', revision: '9007199254740993', mood: 'MERRY' } },
    ],
    [
      'POST /everything/1',
      '{"letter_id":"1","reader_id":"me"}',
      { rpc: 'Everything', message: { letterId: '1', readerId: 'me' } },
    ],
    ['POST /everything/1', '{"mood":"SAD"}', refused('VALIDATION_FAILED mood')],
    ['POST /everything/1', '{"text":1}', refused('VALIDATION_FAILED text')],
    [
      'POST /everything/1',
      '{"text":"a","text":"b"}',
      { strict: refused('MALFORMED_BODY'), google: { rpc: 'Everything', message: { letterId: '1', text: 'b' } } },
    ],
  ],
};

/** What is refused before anything is served, by the RPC of the service Refused, and how that is told. */
export const RULES_AT_LOAD: Readonly<Record<string, readonly [rpc: string, told: RegExp][]>> = {
  'a variable is neither repeated nor a map, and no message': [
    ['Repeated', /"tags" is no scalar field/],
    ['Map', /"labels" is no scalar field/],
    ['Message', /"seal" is no scalar field/],
    ['BelowRepeated', /letters\.v1\.Letter has no field "seals\.color"/],
  ],
  'a variable names a field': [['Unknown', /letters\.v1\.Letter has no field "seal\.colour"/]],
  'a field is bound once': [['Twice', /binds "letterId" twice/]],
  'a variable holds no other': [['Variables', /a variable holds no other variable/]],
  '** is the last part of a path': [['RestFirst', /"\*\*" must be the last segment/]],
  'a template begins with a slash, and has a segment behind each': [
    ['Relative', /must start with "\/"/],
    ['Empty', /"" is no segment/],
  ],
  'a binding has a path': [['NoPath', /a binding has no path/]],
  'a custom kind is a method': [['NoWord', /"GET IT" is no HTTP method/]],
  'a method that has no body maps none': [['BodyOfGet', /GET has no body to map/]],
  'a body is a field of the request itself': [
    ['BodyBelow', /letters\.v1\.Letter has no field "seal\.inner"/],
    ['BodyUnknown', /letters\.v1\.Letter has no field "sealing"/],
  ],
  'a response body is a field of the response itself': [
    ['AnswerBelow', /letters\.v1\.Letter has no field "seal\.inner"/],
  ],
  'additional bindings have none of their own': [['Deep', /an additional binding has additional bindings/]],
};
