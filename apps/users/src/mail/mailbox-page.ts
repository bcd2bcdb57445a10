import type { ReceivedMail } from './mailbox.store.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}
article{border:1px solid #ccc;border-radius:.5rem;padding:.75rem 1rem;margin:1rem 0}
h2{font-size:1.05rem;margin:0}p{margin:0;color:#555}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.75rem 0 0}`;

/** The mailbox as HTML: no scripts, nothing loaded, every text escaped. */
export function mailboxPage(mails: readonly ReceivedMail[]): string {
  const list = mails.length > 0 ? mails.map(article).join('\n') : '<p>No mail yet: sign up, then reload.</p>';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Mailbox (${mails.length})</title><style>${STYLE}</style></head>
<body>
<h1>Mailbox</h1>
<p>What the store would mail: it is in demo mode, and SMTP_URL is not set. The newest comes first; mails go after a day.</p>
${list}
</body>
</html>
`;
}

function article({ recipient, subject, body, createTime }: ReceivedMail): string {
  return `<article>
<h2>${escaped(subject)}</h2>
<p>to ${escaped(recipient)}, <time>${createTime.toISOString()}</time></p>
<pre>${escaped(body)}</pre>
</article>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
