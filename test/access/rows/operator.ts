import type { InternalRow } from '../row.js';

const VERBS = {
  Audit: ['ListActions'],
  DeadLetters: [
    'ListDeadLetters',
    'ListParkedKeys',
    'GetDeadLetter',
    'ReplayDeadLetter',
    'ReplayDeadLetters',
    'DiscardDeadLetter',
  ],
  Keys: ['ListKeys', 'RotateKeys', 'WithdrawKey'],
  OperatorOrders: ['ShowOrder'],
  OperatorPayments: ['ShowLedger'],
  OperatorUsers: ['ChangeRole'],
  Sagas: ['ListSagas', 'GetSaga', 'RetrySaga', 'ResolveSaga'],
};

/** Which role each verb needs is in libs/operator's own table; here they must not be reachable by anybody else. */
export const operatorRows: Readonly<Record<string, InternalRow>> = Object.fromEntries(
  Object.entries(VERBS).flatMap(([service, verbs]) =>
    verbs.map((verb) => [`operator.v1.${service}.${verb}`, { internal: 'for operators' }]),
  ),
);
