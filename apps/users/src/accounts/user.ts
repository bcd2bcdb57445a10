import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { User_Role, type UserSchema } from '#libs/contracts';

export type Role = 'CUSTOMER' | 'ADMIN';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createTime: Date;
}

const CUSTOMER_SCOPES = ['users:read', 'orders:read', 'orders:write', 'payments:read'];
const ADMIN_SCOPES = ['products:write', 'stock:write', 'orders:read:all', 'payments:read:all'];

/** What access tokens of a user with these roles allow. */
export function scopesOf(roles: readonly Role[]): string[] {
  return roles.includes('ADMIN') ? [...CUSTOMER_SCOPES, ...ADMIN_SCOPES] : CUSTOMER_SCOPES;
}

export function toProto(user: User): MessageInitShape<typeof UserSchema> {
  const { id, email, name, roles, createTime } = user;
  return { id, email, name, roles: roles.map((role) => User_Role[role]), createTime: timestampFromDate(createTime) };
}
