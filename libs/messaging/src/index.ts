export { type Alongside, DeadLetterOffice, type DeadLetterReader } from './dead-letter-office.js';
export type {
  DeadLetter,
  ParkedKey,
} from './dead-letters.store.js';
export { type Delivery, RetryLater } from './delivery.js';
export { readCloudEvent } from './envelope.js';
export { MessagingHealth } from './health.js';
export type { KafkaPlace } from './kafka/client.js';
export type { IncomingMessage } from './kafka/consumer.js';
export { assertGroupEmpty, type HistoryWanted, type Rewound, readSince, rewindGroup } from './kafka/history.js';
export { KafkaRefusedError } from './kafka/refusal.js';
export { type KafkaSecurity, type SaslMechanism, saslMechanisms } from './kafka/security.js';
export { KafkaStrategy } from './kafka.strategy.js';
export { onceAbout } from './message-id.js';
export { MessagingModule } from './messaging.module.js';
export { On, type OnOptions } from './on.js';
export type { MessagingOptions } from './options.js';
export { Outbox, type PublishOptions } from './outbox.js';
export type { MessagingTables } from './tables.js';
export { type CreateTopicsOptions, createTopics } from './topics.js';
export { type UpdateAclsOptions, updateAcls } from './update-acls.js';
