import { Stream_Form } from '#libs/contracts';
import { qualitiesOf } from '../http/qualities.js';

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
  for (const { name, q } of qualitiesOf(accept)) {
    const form = name === '*/*' ? standard : FORMS[name];
    if (form !== undefined && q > bestQuality) {
      best = form;
      bestQuality = q;
    }
  }
  return best;
}
