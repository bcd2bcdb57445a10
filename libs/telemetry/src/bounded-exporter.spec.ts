import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { until } from '#libs/testing';
import { BoundedExporter } from './bounded-exporter.js';

describe('an exporter whose receiver does not answer', () => {
  it('lets a few batches wait, drops those beyond, and sends again when it answers', async () => {
    const asked: ServerResponse[] = [];
    const receiver = createServer((request, response) => {
      request.resume();
      asked.push(response);
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/api/v2/spans`;
    const exporter = new BoundedExporter(new ZipkinExporter({ url }), 2);
    const results: ExportResult[] = [];
    const batch = () => exporter.export([span()], (result) => results.push(result));

    for (let n = 0; n < 5; n++) batch();
    expect(results.map(({ code, error }) => [code, error?.message])).toEqual(
      Array(3).fill([ExportResultCode.FAILED, '2 batches of spans wait for the trace receiver; 1 spans dropped']),
    );
    await until(() => asked.length === 2, { what: 'both batches at the receiver' });
    for (const response of asked) response.writeHead(202).end();
    await until(() => results.length === 5, { what: 'both answers' });
    batch();
    await until(() => asked.length === 3, { what: 'a batch after the answers' });
    asked[2]?.writeHead(202).end();
    await exporter.shutdown();
    expect(results.slice(3).map(({ code }) => code)).toEqual(Array(3).fill(ExportResultCode.SUCCESS));
    receiver.close();
    receiver.closeAllConnections();
  });
});

function span(): ReadableSpan {
  const ended = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: ended })] });
  provider.getTracer('test').startSpan('a span').end();
  const [first] = ended.getFinishedSpans();
  if (!first) throw new Error('no span');
  return first;
}
