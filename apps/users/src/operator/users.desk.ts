import type { MessageInitShape } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import {
  type ChangeRoleRequest,
  ChangeRoleRequest_Role,
  type ChangeRoleResponseSchema,
  OperatorUsers,
} from '#libs/contracts';
import { Database } from '#libs/database';
import type { Action, Desk, Verbs } from '#libs/operator';
import { ChangeRole } from '../accounts/roles/change-role.js';

/** Accounts for operators: who is an administrator. */
@Injectable()
export class UsersDesk implements Desk<typeof OperatorUsers> {
  readonly service = OperatorUsers;
  readonly verbs: Verbs<typeof OperatorUsers> = {
    changeRole: (request, action) => this.database.transaction(() => this.change(request, action)),
  };

  constructor(
    private readonly database: Database,
    private readonly roles: ChangeRole,
  ) {}

  private async change(
    { email, role, revoke }: ChangeRoleRequest,
    action: Action,
  ): Promise<MessageInitShape<typeof ChangeRoleResponseSchema>> {
    const user = await this.roles.changeByEmail(email, {
      role: role === ChangeRoleRequest_Role.ADMIN ? 'ADMIN' : 'CUSTOMER',
      granted: !revoke,
      actor: `operator:${action.operator}`,
    });
    // The address is personal data, the id is not.
    await action.record([user.id, revoke ? 'without' : 'with', ChangeRoleRequest_Role[role]].join(' '));
    return { userId: user.id, roles: user.roles.map((one) => ChangeRoleRequest_Role[one]) };
  }
}
