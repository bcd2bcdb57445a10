export { type ServerSentEvent, serverSentEvents } from './server-sent-events.js';
export { readStack, type StackDescription } from './stack-description.js';
export { type Accepted, type Credentials, type NewOrder, RequestRefusedError, StoreClient } from './store-client.js';
