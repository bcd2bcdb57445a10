import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import { Action_Outcome, Audit, type ListActionsRequest, Verb_Role } from '#libs/contracts';
import type { ActionRow, ActionsStore } from './actions.store.js';
import type { Desk, Verbs } from './desk.js';
import { numberText, pageToken, placeOf } from './page-token.js';

const Place = z.object({ number: numberText });
const DEFAULT_PAGE = 50;

/** Reads the audit log. */
export class AuditDesk implements Desk<typeof Audit> {
  readonly service = Audit;
  readonly verbs: Verbs<typeof Audit> = { listActions: (request) => this.list(request) };

  constructor(private readonly actions: ActionsStore) {}

  private async list({ operator, pageSize, pageToken: token }: ListActionsRequest) {
    const limit = pageSize || DEFAULT_PAGE;
    const before = placeOf(Place, token)?.number;
    const rows = await this.actions.list({ operator, limit: limit + 1, ...(before === undefined ? {} : { before }) });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      actions: page.map(toProto),
      nextPageToken: rows.length > limit && last ? pageToken({ number: String(last.number) }) : '',
    };
  }
}

const toProto = ({ at, role, outcome, operator, error, ...row }: ActionRow) => ({
  ...row,
  time: timestampFromDate(at),
  operator: operator ?? '',
  role: role ? Verb_Role[role] : Verb_Role.ROLE_UNSPECIFIED,
  outcome: Action_Outcome[outcome],
  error: error ?? '',
});
