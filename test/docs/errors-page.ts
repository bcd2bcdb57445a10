import { Code } from '#libs/contracts';
import { ADVICE, ERRORS, isErrorCode } from '#libs/errors';

const INTRODUCTION = `# Errors

Every failure is an \`application/problem+json\` (RFC 9457). Its \`code\` is one of these and stays what it is; its \`type\` leads to the same
entry at the gateway, e.g. \`/errors/THROTTLED\`, as a page or with \`Accept: application/json\` as JSON. Codes of services that are not of
this system are their own; their \`type\` is \`about:blank\`.

| member | what it holds |
| --- | --- |
| \`title\`, \`status\`, \`detail\` | of the code; the HTTP status; what happened this time |
| \`code\`, \`domain\` | reason and domain of google.rpc.ErrorInfo; \`ineedthatfast\` for those below |
| \`traceId\` | for the operators; also in the header \`traceresponse\` |
| \`violations\` | BadRequest: \`field\` and \`description\` of everything that is wrong; \`reason\`, the rule, where it has a name |
| \`retryAfter\` | RetryInfo, in seconds; also in the header \`Retry-After\` |
| \`quotaViolations\`, \`preconditionViolations\` | QuotaFailure; PreconditionFailure |
| \`metadata\` | ErrorInfo: facts for programs |
| \`help\`, \`localizedMessage\` | Help; LocalizedMessage: pages to read; words for the person at the screen |

"Again" says whether the same request may succeed later.

This page is made from the table in \`libs/errors\`: \`UPDATE_DOCS=true npm run test:unit -- docs\` writes it anew.
`;

/** docs/errors.md, from the closed table of errors. */
export function errorsPage(): string {
  const codes = Object.keys(ERRORS).filter(isErrorCode);
  const rows = codes.map((code) => {
    const { http, grpc, retryable, text } = ERRORS[code];
    return `| \`${code}\` | ${http} | ${Code[grpc]} | ${retryable ? 'yes' : 'no'} | ${text} | ${ADVICE[code]} |`;
  });
  return [
    INTRODUCTION,
    '| code | HTTP | gRPC | again | what it says | what to do |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
