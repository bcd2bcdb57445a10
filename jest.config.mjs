import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
const project = (displayName, testRegex, more = {}) => ({
  displayName,
  testEnvironment: 'node',
  rootDir: import.meta.dirname,
  setupFiles: ['<rootDir>/test/setup.mjs'],
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testRegex,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'source'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'es6' }, sourceMaps: 'inline' }] },
  ...more,
});

const onInfrastructure = {
  globalSetup: '<rootDir>/test/infrastructure.mjs',
  globalTeardown: '<rootDir>/test/infrastructure-end.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/patience.mjs'],
};

// unit: no I/O. component: one app or lib on a real PostgreSQL and Kafka. e2e: the whole store through the gateway.
export default {
  projects: [
    project('unit', '(?<!\\.(component|e2e))\\.spec\\.ts$'),
    project('component', '\\.component\\.spec\\.ts$', onInfrastructure),
    project('e2e', '\\.e2e\\.spec\\.ts$', onInfrastructure),
  ],
};
