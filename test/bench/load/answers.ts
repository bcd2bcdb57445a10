const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** An answer of HTTP/1.1; `head` is its status line and headers. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Cuts what comes over a connection into answers; as much of HTTP/1.1 as answers of gateways have. */
export class Answers {
  private buffered: Buffer = Buffer.alloc(0);

  /** Takes what came, and gives the answer that is whole with it. */
  push(chunk: Buffer): Answer | undefined {
    this.buffered = this.buffered.length === 0 ? chunk : Buffer.concat([this.buffered, chunk]);
    const headEnd = this.buffered.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const head = this.buffered.toString('latin1', 0, headEnd);
    const rest = this.buffered.subarray(headEnd + HEAD_END.length);
    const body = /^transfer-encoding: *chunked/im.test(head) ? unchunked(rest) : sized(rest, head);
    if (!body) return undefined;
    this.buffered = body.rest;
    return { status: statusIn(head), body: body.content };
  }

  /** The status of a stream that has begun: its head is here, and something of its body. */
  begun(): number | undefined {
    const headEnd = this.buffered.indexOf(HEAD_END);
    if (headEnd < 0 || this.buffered.length === headEnd + HEAD_END.length) return undefined;
    return statusIn(this.buffered.toString('latin1', 0, headEnd));
  }
}

interface Body {
  readonly content: Buffer;
  readonly rest: Buffer;
}

const statusIn = (head: string) => Number(head.slice(9, 12));

function sized(rest: Buffer, head: string): Body | undefined {
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return rest.length < length ? undefined : { content: rest.subarray(0, length), rest: rest.subarray(length) };
}

function unchunked(coded: Buffer): Body | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = coded.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(coded.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + LINE_END.length;
    at = from + size + LINE_END.length;
    if (coded.length < at) return undefined;
    if (size === 0) return { content: Buffer.concat(parts), rest: coded.subarray(at) };
    parts.push(coded.subarray(from, from + size));
  }
}
