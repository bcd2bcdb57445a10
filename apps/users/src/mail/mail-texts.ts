import type { Mail } from './mail.js';

/*
 * What the store writes to people. Nothing that a stranger typed stands in a mail, names included: whoever signs up with
 * somebody else's address must not have their words delivered there.
 */

const sign = (lines: readonly string[]) => [...lines, '', 'INeedThatFast'].join('\n');
const NOT_YOU = 'If it was not you, nothing happens: leave this mail alone.';

/** Sent to the address that is to be verified. */
export function verificationMail(recipient: string, token: string): Mail {
  const body = [
    'Is this your address? Then say so with this token within 24 hours:',
    '',
    token,
    '',
    `POST /v1/users:verifyEmail {"token": "${token}"}`,
    '',
    `Somebody signed up with this address, or changed theirs to it. ${NOT_YOU}`,
  ];
  return { recipient, subject: 'Is this your address?', body: sign(body) };
}

export function passwordResetMail(recipient: string, token: string): Mail {
  const body = [
    'Choose a new password with this token within an hour. It works once:',
    '',
    token,
    '',
    `POST /v1/users:resetPassword {"token": "${token}", "password": "…"}`,
    '',
    `Somebody asked for a new password for your account. ${NOT_YOU}`,
  ];
  return { recipient, subject: 'A new password', body: sign(body) };
}

export function passwordChangedMail(recipient: string): Mail {
  const body = [
    'The password of your account was changed, and other sessions were ended.',
    '',
    'If it was not you, ask for a new password at once: POST /v1/users:requestPasswordReset',
  ];
  return { recipient, subject: 'Your password was changed', body: sign(body) };
}

/** Sent to the address that the account had. The new one is not named: it may be a stranger's. */
export function emailChangedMail(recipient: string): Mail {
  const body = [
    'Your account has another e-mail address now. This one no longer belongs to it.',
    '',
    'If it was not you, answer this mail.',
  ];
  return { recipient, subject: 'Your e-mail address was changed', body: sign(body) };
}

export function deletionMail(recipient: string): Mail {
  const body = [
    'Your account is being deleted, as you asked. Open orders are cancelled where that is still possible; the others are',
    'brought to their end first. After that nothing is left that says who you are.',
  ];
  return { recipient, subject: 'Your account is being deleted', body: sign(body) };
}
