import { randomUUID } from 'node:crypto';
import type { InternalRow, Row } from '../row.js';

const service = 'store.users.v1.Users';
const nobody = '5d0c4f55-0d4c-4c5c-8a0e-1f1a5f1b9a11';

export const usersRows: Readonly<Record<string, Row | InternalRow>> = {
  'gateway.v1.EndedSessions.WatchEndedSessions': { internal: 'for the gateway' },
  [`${service}.CreateUser`]: {
    for: 'anybody',
    request: () => ({ email: `${randomUUID()}@shop.example`, password: 'a good password', name: 'Anybody' }),
  },
  [`${service}.GetMe`]: { for: 'owner' },
  [`${service}.UpdateMe`]: { for: 'newcomer', request: () => ({ user: { name: 'Another Name' }, updateMask: 'name' }) },
  [`${service}.ChangePassword`]: {
    for: 'newcomer',
    request: () => ({ currentPassword: 'not the password', newPassword: 'another good one' }),
    // Who knows no password changes none, session or not.
    allowed: 'INVALID_ARGUMENT',
  },
  [`${service}.ExportMe`]: { for: 'owner' },
  [`${service}.DeleteMe`]: { for: 'newcomer', other: 'not tried' },
  [`${service}.GetDeletion`]: { for: 'anybody', request: () => ({ id: nobody }), allowed: 'NOT_FOUND' },
  // Signing up has just sent one.
  [`${service}.SendVerification`]: { for: 'newcomer', allowed: 'RESOURCE_EXHAUSTED' },
  [`${service}.VerifyEmail`]: {
    for: 'anybody',
    request: () => ({ token: 'x'.repeat(43) }),
    allowed: 'INVALID_ARGUMENT',
  },
  [`${service}.RequestPasswordReset`]: { for: 'anybody', request: () => ({ email: `${randomUUID()}@shop.example` }) },
  [`${service}.ResetPassword`]: {
    for: 'anybody',
    request: () => ({ token: 'x'.repeat(43), password: 'a good password' }),
    allowed: 'INVALID_ARGUMENT',
  },
  [`${service}.ListUsers`]: { for: 'admin' },
  [`${service}.GrantRole`]: { for: 'admin', request: () => ({ id: nobody, role: 'ADMIN' }), allowed: 'NOT_FOUND' },
  [`${service}.RevokeRole`]: { for: 'admin', request: () => ({ id: nobody, role: 'ADMIN' }), allowed: 'NOT_FOUND' },
  [`${service}.CreateSession`]: {
    for: 'anybody',
    request: ({ owner: { email, password } }) => ({ email, password }),
  },
  [`${service}.RefreshSession`]: {
    for: 'anybody',
    request: () => ({ refreshToken: 'x'.repeat(43) }),
    allowed: 'UNAUTHENTICATED',
  },
  [`${service}.ListSessions`]: { for: 'owner' },
  [`${service}.EndCurrentSession`]: { for: 'newcomer', other: 'not tried' },
  [`${service}.EndSession`]: { for: 'owner', request: ({ sessionId: id }) => ({ id }), other: 'NOT_FOUND' },
  [`${service}.EnrolTotp`]: {
    for: 'newcomer',
    request: () => ({ password: 'not the password' }),
    allowed: 'INVALID_ARGUMENT',
  },
  [`${service}.ConfirmTotp`]: {
    for: 'newcomer',
    request: () => ({ totpCode: '123456' }),
    allowed: 'INVALID_ARGUMENT',
  },
  [`${service}.DisableTotp`]: {
    for: 'newcomer',
    request: () => ({ totpCode: '123456' }),
    allowed: 'FAILED_PRECONDITION',
  },
  [`${service}.GetJsonWebKeySet`]: { for: 'anybody' },
};
