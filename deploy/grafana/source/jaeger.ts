import type { Link } from './panel.js';

/** Jaeger's own search, where docker-compose.yml publishes it. */
const SEARCH = 'http://127.0.0.1:16686/search?lookback=1h&limit=20';

/** From a latency to traces of requests that were slow. */
export const SLOW_TRACES: Link = {
  title: 'Slow requests in Jaeger',
  url: `${SEARCH}&service=gateway&minDuration=500ms`,
};

/** From an error to traces of requests that failed. */
export const FAILED_TRACES: Link = {
  title: 'Failed requests in Jaeger',
  url: `${SEARCH}&service=gateway&tags=%7B%22error%22%3A%22true%22%7D`,
};

/** From a saga to the traces of orders that took long. */
export const SLOW_ORDERS: Link = { title: 'Slow orders in Jaeger', url: `${SEARCH}&service=orders&minDuration=2s` };
