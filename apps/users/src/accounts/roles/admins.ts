import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { DemoAccess } from '../../sessions/demo-access.js';
import { RolesStore } from './roles.store.js';

/** Sees to it that somebody can always administer the store. */
@Injectable()
export class Admins {
  constructor(
    private readonly roles: RolesStore,
    private readonly demo: DemoAccess,
  ) {}

  /**
   * Throws LAST_ADMIN when nobody else could sign in as an administrator. Call it in the transaction that takes the role or
   * the account away, before any other lock on accounts.
   */
  async refuseToLose(userId: string): Promise<void> {
    const admins = await this.roles.lockAdmins();
    const isOne = admins.some(({ id }) => id === userId);
    const others = admins.filter((admin) => admin.id !== userId && this.demo.admits(admin));
    if (isOne && others.length === 0) throw new DomainError('LAST_ADMIN');
  }
}
