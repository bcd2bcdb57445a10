import { toJson } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { type Action, Action_Outcome, ActionSchema, Audit, Verb_Role } from '#libs/contracts';
import { collect, LIST_OPTIONS, text } from './ask.js';
import type { Command } from './command.js';
import { table } from './table.js';
import { time } from './words.js';

const list: Command = {
  takes: '',
  does: 'what operators did and were refused, newest first',
  options: { ...LIST_OPTIONS, operator: { type: 'string' } },
  explains: ['--operator NAME     only those of this operator'],
  async run(context) {
    const request = { operator: text(context.values, 'operator') };
    const found = await collect(context, Audit.method.listActions, { request, items: ({ actions }) => actions });
    const sorted = found.toSorted((a, b) => instant(b.item) - instant(a.item));
    const rows = sorted.map(({ service, item }) => [
      ...[time(item.time), service, item.operator || '(nobody)', item.role ? Verb_Role[item.role] : '', item.verb],
      ...[item.target, `${Action_Outcome[item.outcome]}${item.error && ` ${item.error}`}`, item.reason],
    ]);
    const head = ['time', 'service', 'operator', 'role', 'verb', 'target', 'outcome', 'reason'];
    return {
      text: rows.length > 0 ? table(head, rows) : 'Nothing was done.',
      json: sorted.map(({ service, item }) => ({ service, ...Object(toJson(ActionSchema, item)) })),
    };
  },
};

export const auditCommands = { list };

const instant = ({ time: at }: Action): number => (at ? timestampDate(at).getTime() : 0);
