import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { User_Role, type UserSchema } from '#libs/contracts';

export type Role = 'CUSTOMER' | 'ADMIN';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  /** Takes the place of `email` once mail was received there. */
  readonly pendingEmail: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createTime: Date;
  /** Made by demo mode, with a password that everybody knows. */
  readonly demo: boolean;
}

const CUSTOMER_SCOPES = ['users:read', 'users:write', 'orders:read', 'orders:write', 'payments:read'];
const ADMIN_SCOPES = [
  'users:admin',
  'products:write',
  'stock:read',
  'stock:write',
  'orders:read:all',
  'orders:refund',
  'payments:read:all',
];

/** What access tokens of a user with these roles allow. */
export function scopesOf(roles: readonly Role[]): string[] {
  return roles.includes('ADMIN') ? [...CUSTOMER_SCOPES, ...ADMIN_SCOPES] : CUSTOMER_SCOPES;
}

/** Addresses are compared without case, as the unique index of the table does it. */
export const isSameEmail = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export function toProto(user: User): MessageInitShape<typeof UserSchema> {
  const { id, email, emailVerified, pendingEmail, name, roles, createTime } = user;
  return {
    ...{ id, email, emailVerified, name },
    pendingEmail: pendingEmail ?? '',
    roles: roles.map((role) => User_Role[role]),
    createTime: timestampFromDate(createTime),
  };
}
