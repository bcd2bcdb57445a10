import { brokerSecurity, type KafkaIdentities } from './kafka-identities.js';

export interface KafkaPlace {
  port: number;
  controllerPort: number;
  logFolder: string;
  /** Default: everybody may come and do everything. */
  identities?: KafkaIdentities | undefined;
}

/** Broker and controller in one process, for one machine: replication 1, loopback, quick restarts. */
export function kafkaProperties({ port, controllerPort, logFolder, identities }: KafkaPlace): string {
  const address = '127.0.0.1';
  const protocol = identities ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    // a fixed quorum keeps addresses out of the data, which may then be started on other ports
    'controller.quorum.voters': `1@${address}:${controllerPort}`,
    listeners: `${protocol}://${address}:${port},CONTROLLER://${address}:${controllerPort}`,
    'advertised.listeners': `${protocol}://${address}:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': protocol,
    'listener.security.protocol.map': `${protocol}:${protocol},CONTROLLER:${protocol}`,
    ...(identities && brokerSecurity(identities)),
    'log.dirs': logFolder,
    'auto.create.topics.enable': false, // topics are made by the migrate job
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // a restarted broker waits for the session of its former life to end: 2 s instead of 9 s
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 250,
    'controlled.shutdown.enable': false, // there is no other broker to hand leadership to
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.segment.bytes': 134_217_728,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
