export { ActionsStore, type OperatorTables } from './actions.store.js';
export { Credentials, type Operator } from './credentials.js';
export {
  addCredential,
  type Credential,
  readCredentials,
  revokeCredential,
} from './credentials-file.js';
export type { Action, Desk, Verbs } from './desk.js';
export { type OperatorRoomOptions, operatorRoom } from './operator-room.js';
export { OperatorServer } from './operator-server.js';
export { SagasDesk } from './sagas.desk.js';
export { VerbClient } from './verb-client.js';
