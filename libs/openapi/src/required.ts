import { create, type DescMessage } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';

const validator = createValidator();

/** Fields and oneofs that a request cannot leave out. */
export interface Required {
  /** Proto names. */
  readonly fields: ReadonlySet<string>;
  readonly oneofs: ReadonlySet<string>;
}

const known = new WeakMap<DescMessage, Required>();

/**
 * What a message cannot be without: ProtoJSON has no required fields, but an absent one has its zero value, and the rules
 * may forbid that. Found by holding an empty message against them, so it is exactly what the gateway refuses.
 */
export function requiredOf(desc: DescMessage): Required {
  const found = known.get(desc);
  if (found) return found;
  const result = validator.validate(desc, create(desc));
  const broken = result.kind === 'invalid' ? result.violations.map(({ field }) => field) : [];
  const names = (kind: 'field' | 'oneof') =>
    new Set(broken.flatMap(([first, ...rest]) => (first?.kind === kind && rest.length === 0 ? [first.name] : [])));
  const required = { fields: names('field'), oneofs: names('oneof') };
  known.set(desc, required);
  return required;
}
