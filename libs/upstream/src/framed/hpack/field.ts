// What is no header field of HTTP/2 (RFC 9113, 8.2.1): names in capitals or with other characters than tokens have, values
// with NUL, CR, LF, or white space around them.
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const BAD_VALUE = /[\0\r\n]|^[\t ]|[\t ]$/;
// Of HTTP/1.1 alone (RFC 9113, 8.2.2).
const OF_CONNECTIONS = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** One header that came. */
export class Field {
  /** As tables count it (RFC 7541, 4.1), and lists (RFC 9113, 6.5.2). Text is latin1: a character is an octet. */
  readonly size: number;
  readonly isLegal: boolean;

  constructor(
    readonly name: string,
    readonly value: string,
  ) {
    this.size = name.length + value.length + 32;
    this.isLegal = NAME.test(name) && !BAD_VALUE.test(value) && !OF_CONNECTIONS.has(name);
  }
}
