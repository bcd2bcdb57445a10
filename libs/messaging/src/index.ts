export { type Alongside, DeadLetterOffice, type DeadLetterReader } from './dead-letter-office.js';
export {
  type DeadLetter,
  markReplayed,
  type ParkedKey,
  parkedKeys,
  unpark,
  waitingDeadLetters,
} from './dead-letters.store.js';
export { type Delivery, RetryLater } from './delivery.js';
export { MessagingHealth } from './health.js';
export type { KafkaPlace } from './kafka/client.js';
export { type KafkaSecurity, type SaslMechanism, saslMechanisms } from './kafka/security.js';
export { KafkaStrategy } from './kafka.strategy.js';
export { MessagingModule } from './messaging.module.js';
export { On, type OnOptions } from './on.js';
export type { MessagingOptions } from './options.js';
export { Outbox, type PublishOptions } from './outbox.js';
export { OutboxRelay } from './relay.js';
export type { MessagingTables } from './tables.js';
export { type CreateTopicsOptions, createTopics, deadLetterTopic } from './topics.js';
