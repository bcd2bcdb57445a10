import { Stream_Form } from '#libs/contracts';
import type { Dialect } from '#libs/transcoding';

/** How the messages of a stream are written. */
export interface Form {
  readonly contentType: string;
  readonly open: string;
  /** A message; `first` is true for the first. */
  message(json: Buffer, options: { id: string | undefined; first: boolean }): string;
  /** What keeps an idle connection alive; empty where the form has nothing that readers pass over. */
  readonly beat: string;
  /** A failure after the first message, when the status has long been sent. */
  error(problem: string, first: boolean): string;
  readonly close: string;
  /** Said when the stream has ended because all is said, not because something broke or this gateway stops. */
  readonly end: string;
}

/**
 * Server-sent events, as the HTML standard has them. A reader that loses the connection asks again after a second; the
 * event `end` tells it that there is nothing more to ask for.
 */
const events: Form = {
  contentType: 'text/event-stream; charset=utf-8',
  open: 'retry: 1000\n\n',
  message: (json, { id }) => `${isLine(id) ? `id: ${id}\n` : ''}data: ${json}\n\n`,
  beat: ':\n\n',
  error: (problem) => `event: error\ndata: ${problem}\n\n`,
  close: '',
  end: 'event: end\ndata: {}\n\n',
};

/** A service's text with a line break in it would go on as fields and events of its own; readers ignore ids with NUL. */
const isLine = (id: string | undefined): boolean => id !== undefined && !/[\r\n\0]/.test(id);

const lines: Form = {
  contentType: 'application/x-ndjson',
  open: '',
  message: (json) => `${json}\n`,
  beat: '',
  error: (problem) => `{"error":${problem}}\n`,
  close: '',
  end: '',
};

const array: Form = {
  contentType: 'application/json',
  open: '[',
  message: (json, { first }) => `${first ? '' : ','}${json}`,
  beat: '',
  error: (problem, first) => `${first ? '' : ','}{"error":${problem}}`,
  close: ']',
  end: '',
};

/** One object per line, each with a message or an error: grpc-gateway's only form. */
const results: Form = {
  ...lines,
  contentType: 'application/json',
  message: (json) => `{"result":${json}}\n`,
};

/** How a form is written; in the grpc-gateway dialect what would be an array is told as grpc-gateway does. */
export function formOf(form: Stream_Form, dialect: Dialect = 'strict'): Form {
  if (form === Stream_Form.JSON_ARRAY && dialect === 'grpc-gateway') return results;
  if (form === Stream_Form.SSE) return events;
  return form === Stream_Form.NDJSON ? lines : array;
}
