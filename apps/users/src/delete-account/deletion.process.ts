import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Injectable } from '@nestjs/common';
import { UserDeletedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { SagaEngine } from '#libs/saga';
import { Log } from '#libs/service';
import { type DeletionData, deletionSaga } from './deletion.saga.js';
import { DeletionsStore } from './deletions.store.js';

/** Runs the deletion of accounts. Add new versions of the table beside the old one. */
@Injectable()
export class DeletionProcess {
  readonly saga: SagaEngine<DeletionData>;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly deletions: DeletionsStore,
    private readonly log: Log,
  ) {
    this.saga = new SagaEngine({
      service: 'users',
      database: database.withTables(),
      outbox,
      tables: [deletionSaga],
      finish: (userId) => this.finish(userId),
    });
  }

  /** Runs in the transaction that closes the account. */
  async begin(userId: string): Promise<void> {
    // The saga begins past its point of return: a deadline would never act.
    await this.saga.start(userId, { userId }, 0);
  }

  /** The last step, in the transaction that ends the saga. */
  private async finish(userId: string): Promise<void> {
    const { endTime } = await this.deletions.erase(userId);
    const deleteTime = endTime ? timestampFromDate(endTime) : undefined;
    await this.outbox.publish(UserDeletedSchema, { userId, deleteTime });
    this.database.afterCommit(() => this.log.info({ userId }, 'account deleted'));
  }
}
