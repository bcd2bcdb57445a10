export { type ClientOptions, StoreClient } from './client.js';
export * from './gen/store.js';
export type { Answer, CallOptions, WatchOptions } from './operation.js';
export { NoAnswerError, type Problem, ProblemError, type Violation } from './problem.js';
export type { SessionOptions, Tokens } from './session.js';
