export { ADVICE } from './advice.js';
export { DomainError, type DomainErrorOptions, type FieldViolation } from './domain-error.js';
export type { ErrorDetails } from './error-details.js';
export { fromServiceError, type ReceivedError } from './from-service-error.js';
export { ERRORS, type ErrorCode, type ErrorRow, isErrorCode } from './table.js';
export { detailsOf, ERROR_DOMAIN, type ErrorFacts, toDomainError, toServiceError } from './to-service-error.js';
