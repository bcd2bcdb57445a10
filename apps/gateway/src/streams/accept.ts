import { Stream_Form } from '#libs/contracts';

const FORMS: Readonly<Record<string, Stream_Form>> = {
  'text/event-stream': Stream_Form.SSE,
  'application/x-ndjson': Stream_Form.NDJSON,
  'application/jsonl': Stream_Form.NDJSON,
  'application/json': Stream_Form.JSON_ARRAY,
};

/** The form of a stream that a client prefers; `standard` where it names none, or any. */
export function preferredForm(accept: string | undefined, standard: Stream_Form): Stream_Form {
  let best = standard;
  let bestQuality = 0;
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const form = type === '*/*' ? standard : FORMS[type];
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = q === undefined ? 1 : Number(q) || 0;
    if (form !== undefined && quality > bestQuality) {
      best = form;
      bestQuality = quality;
    }
  }
  return best;
}
