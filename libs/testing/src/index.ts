export type { StackDescription } from '#libs/store-client';
export { type OwnServer, ownKafka, ownPostgres } from './own-servers.js';
export { type RunningStore, runStore } from './running-store.js';
export { sharedStore } from './shared-store.js';
export { type TestCaller, type TestClaims, testCaller } from './test-caller.js';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.js';
export { type TestKafka, testKafka } from './test-kafka.js';
export { type TestService, type TestServiceOptions, testService } from './test-service.js';
export { until } from './until.js';
