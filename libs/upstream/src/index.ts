export { BALANCINGS, type Balancing } from './http2/endpoints.js';
export {
  CHANNELS,
  type ChannelKind,
  type ClientTls,
  credentialsOf,
  openUpstream,
  type UpstreamOptions,
} from './upstream-client.js';
