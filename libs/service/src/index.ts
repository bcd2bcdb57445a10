export { callSignal, drainSignal, remainingTime } from './call-context.js';
export {
  type AppEnvironment,
  appEnvironment,
  flag,
  grpcAddress,
  httpUrl,
  type ListenAddress,
  listenAddress,
  type ServiceEnvironment,
  serviceEnvironment,
} from './environment.js';
export { type CallOptions, type GrpcClient, type GrpcClientOptions, grpcClient } from './grpc-client.js';
export { checkKafkaIdentity, kafkaOf, kafkaVariables } from './kafka-environment.js';
export { ConfigError, EX_CONFIG, loadConfig } from './load-config.js';
export { createLogger, Log, type LogOptions } from './log.js';
export { NestLogger } from './nest-logger.js';
export { OpsPages } from './ops-pages.js';
export { OpsServer, type OpsServerOptions } from './ops-server.js';
export { exitOnCrash, exitOnFailedStart, exitOnSignal } from './process-end.js';
export { type Environment, type ReadVariable, readVariable } from './read-variable.js';
export { Readiness, type ReadinessCheck, type ReadinessReport } from './readiness.js';
export { redactText } from './redact.js';
export { Rpc } from './rpc.js';
export { runService } from './run-service.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
export { requestViolations, violationsOf } from './validation.js';
