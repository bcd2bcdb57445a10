import { toJson } from '@bufbuild/protobuf';
import {
  Code,
  type LedgerFile,
  LedgerFileSchema,
  OperatorOrders,
  OperatorPayments,
  Order_State,
  type OrderFile,
  OrderFileSchema,
} from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { askUntilKnown, positional } from './ask.js';
import type { Command } from './command.js';
import { sagaText } from './sagas.js';
import { facts, table } from './table.js';
import { money, time } from './words.js';

const show: Command = {
  takes: 'ID',
  does: 'state, history, sagas, payment, ledger, what the provider says, and the trace',
  options: {},
  async run(context) {
    const id = positional(context, 0, 'ID');
    const clients = await context.clients();
    const file = await askUntilKnown(clients, (client) => client.call(OperatorOrders.method.showOrder, { id }));
    const ledger = await askUntilKnown(clients, (client) =>
      client.call(OperatorPayments.method.showLedger, { orderId: id }),
    ).catch((error: unknown) => {
      if (fromServiceError(error).grpc === Code.NOT_FOUND) return undefined;
      throw error;
    });
    const { traces } = await context.stations();
    const traceUrl = traces && file.traceId ? `${traces}${file.traceId}` : '';
    return {
      text: [orderText(file, traceUrl), ...file.sagas.map(sagaText), ledger ? ledgerText(ledger) : 'No payment.'].join(
        '\n\n',
      ),
      json: {
        order: toJson(OrderFileSchema, file),
        ledger: ledger ? toJson(LedgerFileSchema, ledger) : null,
        traceUrl: traceUrl || null,
      },
    };
  },
};

export const orderCommands = { show };

function orderText({ order, customerId, history, traceId }: OrderFile, traceUrl: string): string {
  const head = facts([
    ['order', order?.id ?? ''],
    ['state', Order_State[order?.state ?? 0] ?? ''],
    ['customer', customerId],
    ['total', money(order?.total)],
    ['lines', (order?.lines ?? []).map(({ quantity, sku }) => `${quantity} × ${sku}`).join(', ')],
    ['trace', traceUrl || traceId],
  ]);
  const rows = history.map((one) => [String(one.sequence), time(one.time), one.state, one.reason, one.cause]);
  return `${head}\n\n${table(['#', 'time', 'state', 'reason', 'cause'], rows)}`;
}

function ledgerText(file: LedgerFile): string {
  const head = facts([
    ['payment', file.paymentId],
    ['state', file.state],
    ['failure', file.failureReason],
    ['pending', file.pending],
    ['amount', money(file.amount)],
    ['provider', file.providerPaymentId],
  ]);
  const entries = table(
    ['ledger', 'time', 'account', 'amount'],
    file.entries.flatMap(({ kind, time: at, postings }) =>
      postings.map(({ account, amount }) => [kind, time(at), account, money(amount)]),
    ),
  );
  const book = file.providerError
    ? `The provider could not be asked: ${file.providerError}`
    : table(
        ['provider', 'held', 'captured', 'refunded'],
        file.provider.map((one) => [
          one.id,
          `${one.heldMinorUnits}`,
          `${one.capturedMinorUnits}`,
          `${one.refundedMinorUnits}`,
        ]),
      );
  return [head, entries, book].join('\n\n');
}
