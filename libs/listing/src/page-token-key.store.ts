import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';

interface ListingTables {
  page_token_key: { secret: Buffer };
}

/** The table of ../migrations. */
@Injectable()
export class PageTokenKeyStore {
  private readonly database: Database<ListingTables>;

  constructor(database: Database) {
    this.database = database.withTables<ListingTables>();
  }

  /** The secret of this service; `candidate` where there is none yet. Replicas that start together get the same. */
  async secret(candidate: Buffer): Promise<Buffer> {
    const found = await this.find();
    if (found) return found;
    await this.database.db
      .insertInto('page_token_key')
      .values({ secret: candidate })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const stored = await this.find();
    if (!stored) throw new Error('page_token_key is empty after a key was added');
    return stored;
  }

  private async find(): Promise<Buffer | undefined> {
    const row = await this.database.db.selectFrom('page_token_key').select('secret').executeTakeFirst();
    return row?.secret;
  }
}
