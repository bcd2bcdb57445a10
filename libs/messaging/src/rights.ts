import { Channel_Kind, channelMessages, channelOf, ownerOf, sendersOf, services } from '#libs/contracts';
import { allTopics } from './topics.js';

/** One thing that Kafka lets a service do. The principal is `User:<service>`; Describe comes with Read and Write. */
export interface Right {
  readonly service: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  /** `prefix`: for everything whose name begins so. */
  readonly match: 'exactly' | 'prefix';
  readonly operation: 'read' | 'write' | 'delete';
}

/** The consumer group of a service; `prefix` is that of the topics. */
export const groupOf = (prefix: string, service: string): string => prefix + service;

/** Groups that read single messages begin so, see `TopicReader`. */
export const readerGroups = (prefix: string, service: string): string => `${groupOf(prefix, service)}.reader-`;

/**
 * What each service must be able to do, and nothing else, as the contracts say it: a topic is written by those who may send
 * its messages, facts are read by everybody, commands and replies by the owner of the topic; dead letters and groups are
 * used by their service alone. An idempotent producer needs no right of its own since Kafka 3.0.
 */
export function rightsOfServices(prefix = ''): Right[] {
  const onTopics = allTopics().flatMap(({ name, deadLetters }) => [
    ...writersOf(name).map((service) => topicRight(service, prefix + name, 'write')),
    ...readersOf(name).map((service) => topicRight(service, prefix + name, 'read')),
    ...deadLetters.flatMap(({ topic, group }) => [
      topicRight(group, prefix + topic, 'write'),
      topicRight(group, prefix + topic, 'read'),
    ]),
  ]);
  return [...onTopics, ...services.flatMap((service) => groupRights(service, prefix))];
}

/** The services that may send a message of this topic. */
export function writersOf(topic: string): string[] {
  return [...new Set(messagesOf(topic).flatMap(sendersOf))].sort();
}

/** The services that may take the messages of this topic. */
export function readersOf(topic: string): string[] {
  const facts = messagesOf(topic).some((message) => channelOf(message).kind === Channel_Kind.EVENT);
  return facts ? [...services] : [ownerOf(topic)];
}

const messagesOf = (topic: string) => channelMessages.filter((message) => channelOf(message).topic === topic);

function topicRight(service: string, name: string, operation: Right['operation']): Right {
  return { service, resource: 'topic', name, match: 'exactly', operation };
}

function groupRights(service: string, prefix: string): Right[] {
  const readers = { service, resource: 'group', name: readerGroups(prefix, service), match: 'prefix' } as const;
  return [
    { service, resource: 'group', name: groupOf(prefix, service), match: 'exactly', operation: 'read' },
    { ...readers, operation: 'read' },
    { ...readers, operation: 'delete' },
  ];
}
