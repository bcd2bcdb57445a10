export {
  type BoundCounter,
  type BoundHistogram,
  boundCounter,
  boundHistogram,
  type CountSeries,
  type HistogramSeries,
} from './bound-instruments.js';
export { logLineSender } from './log-records.js';
export { flushTelemetry, metricsHandler } from './metrics-handler.js';
export { extractTraceContext, injectTraceContext, traceresponse } from './propagation.js';
export { RpcDuration } from './rpc-duration.js';
export { activeTrace, markFailed, meter, tracer, type WithSpanOptions, withSpan } from './spans.js';
