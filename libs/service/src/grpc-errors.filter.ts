import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { isTransient } from '#libs/database';
import { DomainError, ERRORS, toDomainError, toServiceError } from '#libs/errors';
import type { ServerCall } from './call-context.js';
import { Log } from './log.js';

/** Sends what a handler throws as a rich gRPC status; what nobody foresaw is logged with its stack. */
@Catch()
@Injectable()
export class GrpcErrorsFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> {
    const error = foreseen(thrown);
    const rpc = host.getArgByIndex<ServerCall | undefined>(2)?.getPath();
    const { http } = ERRORS[error.code];
    if (error.code === 'INTERNAL') this.log.error({ err: thrown, rpc }, 'call failed');
    else if (http >= 500) this.log.warn({ err: error, rpc }, 'call could not be served');
    else this.log.debug({ code: error.code, err: error.cause, rpc }, 'call refused');
    return throwError(() => toServiceError(error));
  }
}

/** An unforeseen error that a second try may not meet is the store's trouble, not a defect: callers may try again. */
function foreseen(thrown: unknown): DomainError {
  const error = toDomainError(thrown);
  if (error.code !== 'INTERNAL' || !isTransient(thrown)) return error;
  return new DomainError('UPSTREAM_UNAVAILABLE', { cause: thrown, retryAfterSeconds: 1 });
}
