export { type OwnServer, ownKafka, ownPostgres } from './own-servers.js';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.js';
export { type TestKafka, testKafka } from './test-kafka.js';
export { until } from './until.js';
