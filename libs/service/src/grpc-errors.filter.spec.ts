import { status } from '@grpc/grpc-js';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { lastValueFrom } from 'rxjs';
import { DomainError } from '#libs/errors';
import { GrpcErrorsFilter } from './grpc-errors.filter.js';
import { createLogger } from './log.js';

const answerTo = async (thrown: unknown) => {
  const filter = new GrpcErrorsFilter(await createLogger({ name: 'test', level: 'silent', format: 'json' }));
  return lastValueFrom(filter.catch(thrown, new ExecutionContextHost([]))).catch((error: unknown) => error);
};

describe('what a handler throws', () => {
  it('is UNAVAILABLE while the database is away, so that the caller tries again', async () => {
    const lost = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    await expect(answerTo(lost)).resolves.toMatchObject({ code: status.UNAVAILABLE });
  });

  it('is INTERNAL with a safe text where nobody foresaw it', async () => {
    const answer = await answerTo(new TypeError('secret detail'));
    expect(answer).toMatchObject({ code: status.INTERNAL });
    expect(JSON.stringify(answer)).not.toContain('secret detail');
  });

  it('stays a refusal whose cause was a lost connection', async () => {
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    await expect(answerTo(new DomainError('ORDER_NOT_FOUND', { cause }))).resolves.toMatchObject({
      code: status.NOT_FOUND,
    });
  });
});
