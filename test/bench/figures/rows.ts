import type { Kind } from '../shop/shop.js';
import type { Measured } from './measured.js';
import { ratiosOf, type Spread, spreadOf } from './statistics.js';

/** What a line of the table is about; `family` and `guarded` say what it is compared with. */
export interface Contender {
  readonly name: string;
  readonly family: 'ours' | 'grpc-gateway' | 'nest' | 'envoy';
  /** Whether it asks for a token and counts calls. */
  readonly guarded: boolean;
}

export interface Row {
  readonly kind: Kind;
  readonly gateway: string;
  readonly cpuMicros: Spread;
  readonly perSecond: Spread;
  readonly cores: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  /** How many times less CPU it takes than these, guarded than guarded, plain than plain. */
  readonly toGrpcGateway: Spread | undefined;
  readonly toNest: Spread | undefined;
}

/** The rows of a kind of request, in the order of the contenders; of those that were measured. */
export function rowsOf(kind: Kind, contenders: readonly Contender[], measured: readonly Measured[]): Row[] {
  const of = ({ name }: Contender) => measured.filter((it) => it.kind === kind && it.gateway === name);
  const costs = (contender: Contender) => new Map(of(contender).map(({ round, cpuMicros }) => [round, cpuMicros]));
  return contenders
    .filter((contender) => of(contender).length > 0)
    .map((contender) => {
      const spread = (figure: (it: Measured) => number) => spreadOf(of(contender).map(figure));
      const ratioTo = (family: Contender['family']) => {
        const other = contenders.find((it) => it.family === family && it.guarded === contender.guarded);
        return other && ratiosOf(costs(contender), costs(other));
      };
      return {
        kind,
        gateway: contender.name,
        cpuMicros: spread((it) => it.cpuMicros),
        perSecond: spread((it) => it.perSecond),
        cores: spread((it) => it.cores),
        p50: spread((it) => it.p50),
        p99: spread((it) => it.p99),
        toGrpcGateway: ratioTo('grpc-gateway'),
        toNest: ratioTo('nest'),
      };
    });
}
