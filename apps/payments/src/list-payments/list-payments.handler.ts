import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ListPaymentsRequest, type ListPaymentsResponseSchema, Payments } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { toProto } from '../payments.controller.js';
import { PaymentsStore } from '../payments.store.js';

const DEFAULT_PAGE_SIZE = 20;

/** For users, which exports what is held about somebody. Page tokens are ids: a forged one shows the caller's own. */
@Controller()
export class ListPaymentsHandler {
  constructor(private readonly payments: PaymentsStore) {}

  @Rpc(Payments.method.listPayments)
  async list(
    @Payload() { pageSize, pageToken }: ListPaymentsRequest,
    @CurrentPrincipal() { subject }: Principal,
  ): Promise<MessageInitShape<typeof ListPaymentsResponseSchema>> {
    const size = pageSize || DEFAULT_PAGE_SIZE;
    const found = await this.payments.ofCustomer(subject, pageToken || undefined, size + 1);
    const page = found.slice(0, size);
    return { payments: page.map(toProto), nextPageToken: found.length > size ? (page.at(-1)?.id ?? '') : '' };
  }
}
