import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type GrantRoleRequest,
  type ListUsersRequest,
  type RevokeRoleRequest,
  User_Role,
  Users,
} from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { PageTokens } from '#libs/listing';
import { Log, Rpc } from '#libs/service';
import { type Role, toProto } from '../user.js';
import { ChangeRole } from './change-role.js';
import { RolesStore } from './roles.store.js';

/** What administrators do with the accounts of others. */
@Controller()
export class RolesHandler {
  constructor(
    private readonly roles: ChangeRole,
    private readonly store: RolesStore,
    private readonly pageTokens: PageTokens,
    private readonly log: Log,
  ) {}

  @Rpc(Users.method.grantRole)
  async grant(@Payload() request: GrantRoleRequest, @CurrentPrincipal() principal: Principal) {
    return this.change(request, true, principal);
  }

  @Rpc(Users.method.revokeRole)
  async revoke(@Payload() request: RevokeRoleRequest, @CurrentPrincipal() principal: Principal) {
    return this.change(request, false, principal);
  }

  @Rpc(Users.method.listUsers)
  async list(@Payload() request: ListUsersRequest, @CurrentPrincipal() { subject }: Principal) {
    const page = await this.pageTokens.open({ method: Users.method.listUsers, request, subject });
    const { rows, next } = await this.store.page(request.email, page);
    return { users: rows.map(toProto), nextPageToken: page.tokenFor(next) };
  }

  private async change({ id, role }: GrantRoleRequest | RevokeRoleRequest, granted: boolean, { subject }: Principal) {
    const change = { userId: id.toLowerCase(), role: roleOf(role), granted, actor: subject };
    const user = await this.roles.change(change);
    this.log.info(change, granted ? 'role granted' : 'role revoked');
    return toProto(user);
  }
}

/** The rules of the request leave no other value. */
const roleOf = (role: User_Role): Role => (role === User_Role.ADMIN ? 'ADMIN' : 'CUSTOMER');
