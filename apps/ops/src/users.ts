import { toJson } from '@bufbuild/protobuf';
import { ChangeRoleRequest_Role, ChangeRoleResponseSchema, OperatorUsers } from '#libs/contracts';
import { askUntilKnown, positional, REASON, REASON_HELP, required } from './ask.js';
import type { Command, Context, Report } from './command.js';
import { UsageError } from './usage-error.js';

const ROLES: Readonly<Record<string, ChangeRoleRequest_Role>> = {
  admin: ChangeRoleRequest_Role.ADMIN,
  customer: ChangeRoleRequest_Role.CUSTOMER,
};

const command = (does: string, revoke: boolean): Command => ({
  takes: 'EMAIL ROLE',
  does,
  options: REASON,
  explains: [`ROLE                ${Object.keys(ROLES).join(', ')}`, REASON_HELP],
  run: (context) => change(context, revoke),
});

export const userCommands = {
  'grant-role': command('gives an account a role, e.g. makes the first admin; its sessions end', false),
  'revoke-role': command('takes it away; its sessions end', true),
};

async function change(context: Context, revoke: boolean): Promise<Report> {
  const role = ROLES[positional(context, 1, 'ROLE').toLowerCase()];
  if (!role) throw new UsageError(`ROLE is one of ${Object.keys(ROLES).join(', ')}`);
  const email = positional(context, 0, 'EMAIL');
  const request = { email, role, revoke, reason: required(context.values, 'reason') };
  const changed = await askUntilKnown(await context.clients(), (client) =>
    client.call(OperatorUsers.method.changeRole, request),
  );
  const roles = changed.roles.map((one) => ChangeRoleRequest_Role[one]).join(', ');
  return { text: `${changed.userId} is ${roles} now.`, json: toJson(ChangeRoleResponseSchema, changed) };
}
