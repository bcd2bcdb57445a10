import { type DescField, type DescMessage, getOption } from '@bufbuild/protobuf';
import { channelMessages, pii, secret } from './index.js';

/** Paths of all fields below a message that `marked` is true for. */
function fieldsOf(message: DescMessage, marked: (field: DescField) => boolean, path = message.typeName): string[] {
  return message.fields.flatMap((field) => {
    const place = `${path}.${field.name}`;
    const deeper = field.message && !path.includes(`${field.message.typeName}.`) ? field.message : undefined;
    return [...(marked(field) ? [place] : []), ...(deeper ? fieldsOf(deeper, marked, place) : [])];
  });
}

describe('what travels on Kafka', () => {
  it('is looked at here', () => {
    expect(channelMessages.length).toBeGreaterThan(20);
  });

  it('holds nothing personal: a topic cannot forget', () => {
    expect(channelMessages.flatMap((message) => fieldsOf(message, (field) => getOption(field, pii)))).toEqual([]);
  });

  it('holds one secret: the token of a payment method, on its way to payments', () => {
    expect(channelMessages.flatMap((message) => fieldsOf(message, (field) => getOption(field, secret)))).toEqual([
      'store.payments.v1.AuthorizePayment.payment_method',
    ]);
  });
});
