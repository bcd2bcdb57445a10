export { Past } from './past.js';
export { type Recovery, type RecoveryOptions, recover } from './recover.js';
