export const HOST = 'Host: shop.example\r\n';
/** A request that is always answered. */
export const GOOD = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
export const JSON_TYPE = 'Content-Type: application/json\r\n';
export const get = (target: string, headers = '', method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
export const post = (headers: string, body = '') => `POST /v1/users HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
export const json = (body: string, headers = '') =>
  post(`${JSON_TYPE}Content-Length: ${body.length}\r\n${headers}`, body);

/** Bytes on a connection, and what must come back. */
export interface WireRow {
  bytes: string;
  /** Status and code of each answer, in order; a bare status where it is no problem. */
  answers: (number | [status: number, code: string])[];
  fate: 'kept' | 'closed';
  /** Of the last answer. */
  headers?: Record<string, string | RegExp>;
  /** In the text of the last answer. */
  says?: string | RegExp;
  /** The client says that it sends no more. */
  finish?: true;
}

/** What the parser refuses. */
export const BAD: WireRow['answers'] = [[400, 'BAD_REQUEST']];
