import { create } from '@bufbuild/protobuf';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { User_Role, UserSchema } from '#libs/contracts';
import { changesOf } from './changes-of.js';

const user = create(UserSchema, { id: 'another', name: 'Ada', email: 'ada@example.com', roles: [User_Role.ADMIN] });
const by = (...paths: string[]) => changesOf(user, create(FieldMaskSchema, { paths }));

describe('the changes that an update asks for', () => {
  it('are those of its mask', () => {
    expect(by('name')).toEqual({ name: 'Ada' });
    expect(by('email')).toEqual({ email: 'ada@example.com' });
    expect(by('*')).toEqual({ name: 'Ada', email: 'ada@example.com' });
  });

  it('are none without a mask', () => {
    expect(changesOf(user, undefined)).toEqual({});
  });

  it('leave out what only the store sets', () => {
    expect(by('id', 'roles', 'email_verified', 'create_time', 'name')).toEqual({ name: 'Ada' });
  });

  it('are refused for a field that a user does not have, and for taking the address away', () => {
    expect(() => by('password_hash')).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    const nameless = create(UserSchema, { email: '' });
    expect(() => changesOf(nameless, create(FieldMaskSchema, { paths: ['email'] }))).toThrow(
      expect.objectContaining({ violations: [{ field: 'user.email', description: 'must be set' }] }),
    );
  });
});
