export { attemptsOf } from './attempts.js';
export { CallMetrics } from './call-metrics.js';
export { Cancellation, type CancelSignal } from './cancellation.js';
export { CHANNEL_OPTIONS, openClient } from './client.js';
export { listEndpoints } from './endpoint-list.js';
export { hostsOf, isEndpoints } from './endpoints.js';
export { Retries, type RetryLimits } from './retries.js';
export { type UnaryCall, unaryCall } from './unary-call.js';
