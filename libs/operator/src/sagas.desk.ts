import type { MessageInitShape } from '@bufbuild/protobuf';
import { z } from 'zod';
import { type ListSagasRequest, type ResolveSagaRequest, type SagaSchema, Sagas } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { SagaEngine, SagaListStore, SagaRow } from '#libs/saga';
import type { Action, Desk, Verbs } from './desk.js';
import { MARKED_NAMES } from './marked-names.js';
import { pageToken, placeOf } from './page-token.js';
import { redactedData } from './redacted.js';
import { choiceOf, choiceToProto, sagaToProto, transitionToProto } from './saga.proto.js';

/** What the desk needs of an engine, whatever its saga carries. */
export type OperableSaga = Pick<SagaEngine<never>, 'name' | 'openTo' | 'erased' | 'retry' | 'resolve'>;

type Saga = MessageInitShape<typeof SagaSchema>;

const Place = z.object({ createdAt: z.iso.datetime().transform((text) => new Date(text)), id: z.uuid() });
const DEFAULT_PAGE = 50;

/** What operators do with the sagas of a service. */
export class SagasDesk implements Desk<typeof Sagas> {
  readonly service = Sagas;
  readonly verbs: Verbs<typeof Sagas> = {
    listSagas: (request) => this.list(request),
    getSaga: ({ saga, id }) => this.show(saga, id),
    retrySaga: async ({ saga, id }, action) => {
      await this.engine(saga).retry(id, () => action.record());
      return this.show(saga, id);
    },
    resolveSaga: (request, action) => this.resolve(request, action),
  };

  constructor(
    private readonly sagas: SagaListStore,
    private readonly engines: readonly OperableSaga[],
  ) {}

  /** One instance with everything that may be seen of it. Rejects with SAGA_NOT_FOUND. */
  async show(saga: string, id: string): Promise<Saga> {
    const [row] = await this.sagas.list({ saga, id, ended: true, limit: 1 });
    if (!row) throw new DomainError('SAGA_NOT_FOUND', { message: `There is no ${saga} of ${id}.` });
    return this.inFull(row);
  }

  /** Every saga about this id, oldest first. */
  async about(id: string): Promise<Saga[]> {
    const rows = await this.sagas.list({ id, ended: true, limit: 100 });
    return Promise.all(rows.map((row) => this.inFull(row)));
  }

  private async list({ saga, ended, idleSeconds, pageSize, pageToken: token }: ListSagasRequest) {
    const limit = pageSize || DEFAULT_PAGE;
    const after = placeOf(Place, token);
    const rows = await this.sagas.list({ saga, ended, idleSeconds, limit: limit + 1, ...(after ? { after } : {}) });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = last && { createdAt: last.created_at.toISOString(), id: last.id };
    return { sagas: page.map(sagaToProto), nextPageToken: rows.length > limit && next ? pageToken(next) : '' };
  }

  private async resolve({ saga, id, moves, choice, reason: _ }: ResolveSagaRequest, action: Action): Promise<Saga> {
    if (!choice) throw new DomainError('VALIDATION_FAILED');
    const decision = { moves, choice: choiceOf(choice) };
    const { outcome, ...detail } = decision.choice;
    const target = [saga, id, outcome, ...Object.values(detail)].join(' ');
    await this.engine(saga).resolve(id, decision, () => action.record(target));
    return this.show(saga, id);
  }

  private async inFull(row: SagaRow): Promise<Saga> {
    const engine = this.engines.find((one) => one.name === row.saga);
    const history = await this.sagas.history(row.saga, row.id);
    const { choices = [], notRetryable = '' } = engine?.openTo(row) ?? {};
    return {
      ...sagaToProto(row),
      data: redactedData(row.data, new Set([...MARKED_NAMES, ...(engine?.erased ?? [])])),
      history: history.map(transitionToProto),
      choices: choices.map(choiceToProto),
      notRetryable,
    };
  }

  private engine(name: string): OperableSaga {
    const engine = this.engines.find((one) => one.name === name);
    if (!engine) throw new DomainError('SAGA_NOT_FOUND', { message: `This service keeps no saga "${name}".` });
    return engine;
  }
}
