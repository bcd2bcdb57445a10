import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ConfirmTotpRequest, type DisableTotpRequest, type EnrolTotpRequest, Users } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Log, Rpc } from '#libs/service';
import { Passwords } from '../../passwords/passwords.js';
import { userIdOf } from '../own-sessions/user-id-of.js';
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.js';
import { SecondFactor } from './second-factor.js';
import { TotpStore } from './totp.store.js';
import { enrolment, newTotpSecret } from './totp-codes.js';

@Controller()
export class TotpHandler {
  constructor(
    private readonly store: TotpStore,
    private readonly factor: SecondFactor,
    private readonly passwords: Passwords,
    private readonly log: Log,
  ) {}

  @Rpc(Users.method.enrolTotp)
  async enrol(@Payload() { password }: EnrolTotpRequest, @CurrentPrincipal() principal: Principal) {
    const userId = userIdOf(principal);
    const account = await this.store.account(userId);
    if (!account) throw new DomainError('NOT_FOUND');
    if (account.demo) throw new DomainError('DEMO_ACCOUNT');
    if (!(await this.passwords.verify(account.passwordHash, password))) {
      throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'password', description: 'is wrong' }] });
    }
    const secret = newTotpSecret();
    if (!(await this.store.enrol(userId, secret))) throw new DomainError('TOTP_ALREADY_ACTIVE');
    return enrolment(secret, account.email);
  }

  @Rpc(Users.method.confirmTotp)
  async confirm(@Payload() { totpCode: code }: ConfirmTotpRequest, @CurrentPrincipal() principal: Principal) {
    const userId = userIdOf(principal);
    if (await this.factor.isActive(userId)) throw new DomainError('TOTP_ALREADY_ACTIVE');
    const right = await this.factor.rightCode(userId, code.trim(), false);
    if (!right) throw new DomainError('WRONG_TOTP_CODE');
    const recoveryCodes = newRecoveryCodes();
    const confirmed = await this.store.transaction(() =>
      this.store.confirm(right, recoveryCodes.map(recoveryCodeHash)),
    );
    // Meanwhile the same code has confirmed the secret, or another secret has taken its place, which makes the code wrong.
    if (!confirmed)
      throw new DomainError((await this.factor.isActive(userId)) ? 'TOTP_ALREADY_ACTIVE' : 'WRONG_TOTP_CODE');
    this.log.info({ userId }, 'second factor switched on');
    return { recoveryCodes };
  }

  @Rpc(Users.method.disableTotp)
  async disable(@Payload() { totpCode: code }: DisableTotpRequest, @CurrentPrincipal() principal: Principal) {
    const userId = userIdOf(principal);
    if (!(await this.factor.isActive(userId))) throw new DomainError('TOTP_NOT_ENROLLED');
    if (!(await this.factor.admits(userId, code))) throw new DomainError('WRONG_TOTP_CODE');
    await this.store.remove(userId);
    this.log.info({ userId }, 'second factor switched off');
    return {};
  }
}
