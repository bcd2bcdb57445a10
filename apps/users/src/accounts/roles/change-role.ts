import { timestampNow } from '@bufbuild/protobuf/wkt';
import { Injectable } from '@nestjs/common';
import { UserRoleChangedSchema } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { SessionsStore } from '../../sessions/sessions.store.js';
import type { Role, User } from '../user.js';
import { UsersStore } from '../users.store.js';
import { Admins } from './admins.js';
import { type RoleChange, RolesStore } from './roles.store.js';

/** Gives and takes roles: for administrators, and for operators, who make the first administrator. */
@Injectable()
export class ChangeRole {
  constructor(
    private readonly users: UsersStore,
    private readonly roles: RolesStore,
    private readonly admins: Admins,
    private readonly sessions: SessionsStore,
    private readonly outbox: Outbox,
  ) {}

  /**
   * The user with, or without, the role. A change ends all sessions of the user, so that no access token outlives it: who
   * signs in again has a token with the scopes that the roles give then. What is so already stays so.
   * Throws NOT_FOUND, LAST_ADMIN, DEMO_ACCOUNT, and VALIDATION_FAILED for taking CUSTOMER away: every account is a customer's.
   */
  async change(change: RoleChange): Promise<User> {
    const { userId, role, granted } = change;
    if (role === 'CUSTOMER' && !granted) throw everyoneIsACustomer();
    return this.users.transaction(async () => {
      if (!granted) await this.admins.refuseToLose(userId);
      const user = await this.users.lock(userId);
      if (!user) throw new DomainError('NOT_FOUND');
      if (user.demo) throw new DomainError('DEMO_ACCOUNT');
      if (user.roles.includes(role) === granted) return user;
      const changed = await this.users.change(userId, { roles: rolesAfter(user.roles, role, granted) });
      await this.sessions.endAll(userId);
      await this.tell(change);
      return changed;
    });
  }

  /** {@link change} for who knows an account by its e-mail address. */
  async changeByEmail(email: string, change: Omit<RoleChange, 'userId'>): Promise<User> {
    const user = await this.users.findByEmail(email);
    if (!user) throw new DomainError('NOT_FOUND');
    return this.change({ ...change, userId: user.id });
  }

  private async tell(change: RoleChange): Promise<void> {
    await this.roles.record(change);
    const { userId, role, granted, actor: actorId } = change;
    await this.outbox.publish(UserRoleChangedSchema, { userId, role, granted, actorId, time: timestampNow() });
  }
}

function rolesAfter(roles: readonly Role[], role: Role, granted: boolean): Role[] {
  const others = roles.filter((one) => one !== role);
  if (granted) return [...others, role];
  return others.length > 0 ? others : ['CUSTOMER'];
}

const everyoneIsACustomer = () =>
  new DomainError('VALIDATION_FAILED', {
    violations: [{ field: 'role', description: 'stays: every account is that of a customer' }],
  });
