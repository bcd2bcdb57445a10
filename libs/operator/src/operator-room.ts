import type { Abstract, Provider, Type } from '@nestjs/common';
import { Database } from '#libs/database';
import { SigningKeys } from '#libs/identity';
import { DeadLetterOffice } from '#libs/messaging';
import { SagaListStore, type SagaTables } from '#libs/saga';
import { ConfigError, Log, type ServiceEnvironment } from '#libs/service';
import { ActionsStore, type OperatorTables } from './actions.store.js';
import { AuditDesk } from './audit.desk.js';
import { Credentials } from './credentials.js';
import { DeadLettersDesk } from './dead-letters.desk.js';
import type { Desk } from './desk.js';
import { KeysDesk } from './keys.desk.js';
import { OperatorServer } from './operator-server.js';
import { type OperableSaga, SagasDesk } from './sagas.desk.js';

export interface OperatorRoomOptions {
  readonly config: Pick<ServiceEnvironment, 'OPERATOR_LISTEN' | 'OPERATOR_CREDENTIALS'>;
  /** Providers that keep a saga. */
  readonly sagas?: readonly Type<{ readonly saga: OperableSaga }>[];
  /** The service signs tokens: it has SigningKeys. */
  readonly keys?: boolean;
  /** Verbs of this service alone. Providers, made by the room. */
  readonly desks?: readonly Type<Desk>[];
}

const SAGAS = Symbol('operable sagas');

/**
 * The operator verbs of a service as providers of its module: audit log, dead letters, sagas and its own desks, on the
 * listener OPERATOR_LISTEN. Needs DatabaseModule, MessagingModule and the tables of libs/operator/migrations. Nothing at
 * all where OPERATOR_LISTEN is not set.
 */
export function operatorRoom({ config, sagas = [], keys = false, desks = [] }: OperatorRoomOptions): Provider[] {
  const { OPERATOR_LISTEN: listen, OPERATOR_CREDENTIALS: file } = config;
  if (!listen) return [];
  if (!file) throw new ConfigError(['OPERATOR_CREDENTIALS is not set; OPERATOR_LISTEN needs it']);
  const all = [
    AuditDesk,
    DeadLettersDesk,
    ...(sagas.length > 0 ? [SagasDesk] : []),
    ...(keys ? [KeysDesk] : []),
    ...desks,
  ];
  return [
    ...desks,
    provide(ActionsStore, [Database], (database: Database) => new ActionsStore(database.withTables<OperatorTables>())),
    provide(AuditDesk, [ActionsStore], (actions: ActionsStore) => new AuditDesk(actions)),
    ...(keys
      ? [
          provide(KeysDesk, [SigningKeys, Database], (signing: SigningKeys, database: Database) => {
            return new KeysDesk(signing, database);
          }),
        ]
      : []),
    provide(DeadLettersDesk, [DeadLetterOffice], (office: DeadLetterOffice) => new DeadLettersDesk(office)),
    { provide: SAGAS, inject: [...sagas], useFactory: (...keepers) => keepers.map(({ saga }) => saga) },
    provide(SagasDesk, [Database, SAGAS], (database: Database, engines: OperableSaga[]) => {
      return new SagasDesk(new SagaListStore(database.withTables<SagaTables>()), engines);
    }),
    provide(OperatorServer, [Log, ActionsStore, ...all], (log: Log, actions: ActionsStore, ...made: Desk[]) => {
      const credentials = new Credentials(file, (err) => log.error({ err }, 'no operator is admitted'));
      return new OperatorServer(listen, { desks: made, credentials, actions, log });
    }),
  ];
}

function provide<T>(
  type: Type<T>,
  inject: (Abstract<unknown> | Type | symbol)[],
  useFactory: (...made: never[]) => T,
): Provider {
  return { provide: type, inject, useFactory };
}
