import { z } from 'zod';

export const ROLES = ['anonymous', 'customer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const operation = z.object({
  operationId: z.string(),
  security: z.array(z.object({ accessToken: z.array(z.string()) })),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** What a customer is allowed; an administrator is allowed everything. */
const CUSTOMER = new Set(['users:read', 'users:write', 'orders:read', 'orders:write', 'payments:read']);

/** The operations that each role is to succeed with: those without a token are for nobody else, to be called once. */
export function operationsOf(openApi: unknown, role: Role): string[] {
  const { paths } = document.parse(openApi);
  const all = Object.values(paths).flatMap((path) => Object.values(path));
  return all.filter(({ security }) => isFor(role, security)).map(({ operationId }) => operationId);
}

function isFor(role: Role, security: readonly { accessToken: string[] }[]): boolean {
  if (role === 'anonymous' || security.length === 0) return role === 'anonymous' && security.length === 0;
  return role === 'admin' || security.some(({ accessToken }) => accessToken.every((scope) => CUSTOMER.has(scope)));
}
