export { cacheFolder, repositoryFolder } from './folders.js';
export { type KafkaOptions, startKafka } from './kafka.js';
export { assertPortFree, freePort, PortInUseError } from './ports.js';
export { type PostgresOptions, removePostgres, startPostgres } from './postgres.js';
export { endProcess, identify, isAlive, type ProcessIdentity } from './process-identity.js';
export { type Progress, silent, timed } from './progress.js';
export type { EmbeddedServer, Kafka, Postgres, Zipkin } from './server.js';
export { type WaitOptions, waitFor } from './waiting.js';
export { startZipkin, type ZipkinOptions } from './zipkin.js';
