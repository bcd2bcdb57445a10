import { readFileSync, writeFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { clientSource } from '#libs/openapi';
import { openApiDocument } from '../../apps/gateway/src/reference/openapi-document.js';
import { servedStore } from './served-store.js';

const DOCUMENT = 'docs/openapi.json';
const CLIENT = 'libs/client/src/gen/store.ts';

const { config, operations } = servedStore();
const document = `${JSON.stringify(openApiDocument(operations, config.reference), null, 2)}\n`;
const served = operations.all.map((operation) => ({
  ...operation,
  routes: operations.routes.filter((bound) => bound.operation === operation).map(({ route }) => route),
}));
const client = clientSource(served);

if (process.env.UPDATE_DOCS) {
  writeFileSync(DOCUMENT, document);
  writeFileSync(CLIENT, client);
}

describe('the reference of the API', () => {
  it('is up to date with the protos: npm run client', () => {
    expect(readFileSync(DOCUMENT, 'utf8')).toBe(document);
  });

  it('gives a client that is up to date with the protos: npm run client', () => {
    expect(readFileSync(CLIENT, 'utf8')).toBe(client);
    expect(client).not.toMatch(/(:|<|\bas|\|)\s*any\b/);
  });

  it('is OpenAPI 3.1 without an error or a warning', async () => {
    const rules = await createConfig({
      extends: ['recommended-strict'],
      rules: {
        'operation-4xx-response': 'error',
        'operation-operationId-unique': 'error',
        'no-invalid-media-type-examples': 'error',
        'no-invalid-schema-examples': 'error',
        'no-unused-components': 'error',
        'tag-description': 'error',
        'parameter-description': 'off',
      },
    });
    const problems = await lintFromString({ source: document, absoluteRef: DOCUMENT, config: rules });
    expect(problems.map(({ ruleId, message, location: [place] }) => `${ruleId}: ${message} ${place?.pointer}`)).toEqual(
      [],
    );
  });

  it('has every operation of the store', () => {
    const ids = [...document.matchAll(/"operationId": "([^"]+)"/g)].map((match) => match[1]);
    const rpcs = operations.all.map(({ rpc }) => `${rpc.parent.name}_${rpc.name}`);
    expect(ids.filter((id) => !/_\d+$/.test(id ?? '')).sort()).toEqual(rpcs.sort());
  });
});
