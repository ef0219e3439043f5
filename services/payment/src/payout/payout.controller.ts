import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { decidersOf } from '../case/two-names';
import { HospitalAccounts } from './hospital-accounts';
import { type FileWithInstructions, PayoutFiles } from './payout-files';
import { PayoutRepairs } from './payout-repairs';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const shown = ({ file, instructions }: FileWithInstructions) => ({
  file,
  instructions: [...instructions],
});

/** `<ISO instant>~<message id>`, as `next` gives it. */
const cursorOf = (text: string): { readonly preparedAt: Date; readonly messageId: string } => {
  const [at = '', messageId] = text.split('~');
  const preparedAt = new Date(at);
  if (messageId === undefined || Number.isNaN(preparedAt.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/after',
      why: 'it is not `next` of a page',
      remedy: 'leave it out for the first page',
    });
  return { preparedAt, messageId };
};

@Controller()
export class PayoutController {
  constructor(
    @Inject(PayoutFiles) private readonly files: PayoutFiles,
    @Inject(HospitalAccounts) private readonly accounts: HospitalAccounts,
    @Inject(PayoutRepairs) private readonly repairs: PayoutRepairs,
  ) {}

  @Handles(routes.setHospitalAccount)
  setAccount(asked: Input<'setHospitalAccount'>): Answer<'setHospitalAccount'> {
    const { institutionId } = asked.params;
    return this.accounts.set(institutionId, { ...asked.body, ...decidersOf(asked) });
  }

  @Handles(routes.showHospitalAccount)
  account({ params }: Input<'showHospitalAccount'>): Answer<'showHospitalAccount'> {
    return this.accounts.show(params.institutionId);
  }

  @Handles(routes.preparePayoutFile)
  async prepare({ subject }: Input<'preparePayoutFile'>): Answer<'preparePayoutFile'> {
    const { withoutAccount, ...made } = await this.files.prepare(subject.id);
    return { ...shown(made), withoutAccount: [...withoutAccount] };
  }

  @Handles(routes.listPayoutFiles)
  async list({ query: { after } }: Input<'listPayoutFiles'>): Answer<'listPayoutFiles'> {
    const { files, next } = await this.files.list(
      after === undefined ? undefined : cursorOf(after),
    );
    return {
      files: [...files],
      ...(next && { next: `${next.preparedAt.toISOString()}~${next.messageId}` }),
    };
  }

  @Handles(routes.showPayoutFile)
  async show({ params }: Input<'showPayoutFile'>): Answer<'showPayoutFile'> {
    return shown(await this.files.show(params.messageId));
  }

  @Handles(routes.releasePayoutFile)
  async release(asked: Input<'releasePayoutFile'>): Answer<'releasePayoutFile'> {
    const released = { ...asked.body, ...decidersOf(asked) };
    return shown(await this.files.release(asked.params.messageId, released));
  }

  @Handles(routes.declarePayout)
  declare(asked: Input<'declarePayout'>): Answer<'declarePayout'> {
    const decided = { ...asked.body, ...decidersOf(asked) };
    return this.repairs.declareNotMade(asked.params.instructionId, decided);
  }

  @Handles(routes.allotBankEntry)
  async allot(asked: Input<'allotBankEntry'>): Answer<'allotBankEntry'> {
    const given = { ...asked.body, ...decidersOf(asked) };
    const row = await this.repairs.allot(asked.params.entryId, given);
    const { entryId, reference, amountFen, valueDate, meaning } = row;
    return { entryId, reference, amountFen, valueDate, meaning };
  }

  @Handles(routes.discardPayoutFile)
  async discard({ params }: Input<'discardPayoutFile'>): Answer<'discardPayoutFile'> {
    return shown(await this.files.discard(params.messageId));
  }
}
