import { DEFAULT_FORM, type Dialect, type JsonForm } from '#libs/transcoding';

/** What an API makes of its messages in JSON. */
export interface Look {
  readonly json: JsonForm;
  readonly dialect: Dialect;
}

export const STANDARD_LOOK: Look = { json: DEFAULT_FORM, dialect: 'strict' };
