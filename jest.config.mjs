import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

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

// unit: no I/O. component: one app or lib on a real PostgreSQL and Kafka. e2e: the whole store through the gateway. compose: the
// store in containers (npm run test:compose).
export default {
  // One more than there are cores: tests of the whole store wait, and two workers left a quarter of two cores idle. More than four
  // stores at once starve each other.
  maxWorkers: Math.min(4, availableParallelism() + 1),
  // Modules of ES tests stay in memory until their worker ends.
  workerIdleMemoryLimit: '1500MB',
  projects: [
    project('unit', '(?<!\\.(component|e2e|compose))\\.spec\\.ts$'),
    project('component', '\\.component\\.spec\\.ts$', onInfrastructure),
    project('e2e', '\\.e2e\\.spec\\.ts$', onInfrastructure),
    project('compose', '\\.compose\\.spec\\.ts$', { setupFilesAfterEnv: ['<rootDir>/test/patience.mjs'] }),
  ],
};
