import { type ClientHttp2Stream, constants } from 'node:http2';
import type { HeaderList } from './headers.js';
import type { CallEvents } from './session.js';

const HEARD_BY = Symbol('heard by');

type HeardStream = ClientHttp2Stream & { [HEARD_BY]?: CallEvents };

/** The same functions for every stream: a call makes no closures. */
export function listenTo(stream: HeardStream, events: CallEvents): void {
  stream[HEARD_BY] = events;
  stream.on('response', onResponse);
  stream.on('data', onData);
  stream.on('trailers', onTrailers);
  stream.on('end', onEnd);
  stream.on('close', onClose);
  stream.on('error', ignored);
}

function onResponse(this: HeardStream, _headers: unknown, flags: number, raw: HeaderList): void {
  this[HEARD_BY]?.onHeaders(raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
}

function onData(this: HeardStream, chunk: Buffer): void {
  this[HEARD_BY]?.onData(chunk);
}

function onTrailers(this: HeardStream, _headers: unknown, _flags: number, raw: HeaderList): void {
  this[HEARD_BY]?.onTrailers(raw);
}

function onEnd(this: HeardStream): void {
  this[HEARD_BY]?.onEnd(this.rstCode ?? constants.NGHTTP2_NO_ERROR);
}

function onClose(this: HeardStream): void {
  this[HEARD_BY]?.onClose(this.rstCode ?? constants.NGHTTP2_NO_ERROR);
}

/** Every error is followed by 'close', which tells by its code what has happened. */
function ignored(): void {}
