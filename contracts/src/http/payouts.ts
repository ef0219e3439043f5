import { Type } from '@sinclair/typebox';
import { BusinessDate, Fen, Id, NetFen } from '../schemas';
import { decided } from './payment-cases';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const InstitutionId = Type.String({ minLength: 1, maxLength: 60 });
const MessageId = Type.String({ pattern: '^[0-9A-Za-z]{1,35}$' });
const Sha256 = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the file, in hex',
});
const account = {
  holderName: Type.String({ minLength: 2, maxLength: 70 }),
  bankCode: Type.String({
    pattern: '^\\d{12}$',
    description: "The bank's code in CNAPS (联行号), 12 digits",
  }),
};
const HospitalAccount = closed({
  ...{ institutionId: InstitutionId, number: Count, ...account },
  lastDigits: Type.String({ description: 'The last four digits of the account' }),
  ...{ evidence: Type.String(), declaredBy: Type.String(), approvedBy: Type.String() },
  setAt: Moment,
});
const Instruction = closed({
  ...{ instructionId: MessageId, messageId: MessageId, institutionId: InstitutionId },
  amountFen: Fen,
  accountNumber: { ...Count, description: 'Which of the accounts of the hospital' },
  status: oneOf('instructed', 'pending', 'accepted', 'paid', 'rejected', 'returned', 'discarded'),
  reason: orNull(Type.String()),
  bankReference: orNull(Type.String()),
  valueDate: orNull(BusinessDate),
  changedAt: Moment,
});
const File = closed({
  ...{ messageId: MessageId, contentHash: Sha256, controlSumFen: Fen, instructions: Count },
  status: oneOf('prepared', 'released', 'sending', 'taken', 'refused', 'discarded'),
  reason: orNull(Type.String()),
  ...{ preparedBy: Type.String(), preparedAt: Moment },
  ...{ releasedBy: orNull(Type.String()), approvedBy: orNull(Type.String()) },
  releasedAt: orNull(Moment),
});
const FileWithInstructions = closed({ file: File, instructions: Type.Array(Instruction) });
const fileParams = closed({ messageId: MessageId });
const hospitalParams = closed({ institutionId: InstitutionId });

/** Instructions to the bank for what is pooled, and the accounts that they pay to. */
export const payoutRoutes = {
  setHospitalAccount: route({
    method: 'PUT',
    path: '/payment/institutions/{institutionId}/account',
    action: 'hospital-accounts.set',
    whose: { institution: 'params.institutionId' },
    approval: { when: 'always', shows: ['holderName', 'bankCode', 'evidence'] },
    summary: 'Set the account that a hospital is paid to, by what its bank confirmed',
    description:
      'Decided by two people. The number is sealed; instructions that are out keep the account that ' +
      'they were made with.',
    params: hospitalParams,
    body: closed({
      ...account,
      account: Type.String({ pattern: '^\\d{6,32}$', description: 'The number of the account' }),
      ...decided,
    }),
    responses: { 200: HospitalAccount },
    problems: ['BANK_ACCOUNT_TAKEN'],
  }),
  showHospitalAccount: route({
    method: 'GET',
    path: '/payment/institutions/{institutionId}/account',
    action: 'hospital-accounts.read',
    whose: { institution: 'params.institutionId' },
    summary: 'The account that a hospital is paid to, without its number',
    params: hospitalParams,
    responses: { 200: HospitalAccount },
    problems: ['BANK_ACCOUNT_UNKNOWN'],
  }),
  preparePayoutFile: route({
    method: 'POST',
    path: '/payment/payout-files',
    action: 'payout-files.prepare',
    whose: 'platform',
    summary: 'Make a file of instructions (pain.001) of all that is pooled and payable',
    description:
      'One transfer for each hospital that is owed more than it owes. What a file takes is in no ' +
      'second one, unless the bank rejects or returns it. It waits for its release.',
    responses: {
      200: closed({
        file: File,
        instructions: Type.Array(Instruction),
        withoutAccount: Type.Array(InstitutionId, {
          description: 'Hospitals that are owed something and have no account',
        }),
      }),
    },
    problems: ['BANK_NOT_CONNECTED', 'NOTHING_TO_PAY_OUT'],
  }),
  listPayoutFiles: route({
    method: 'GET',
    path: '/payment/payout-files',
    action: 'payout-files.read',
    whose: 'platform',
    summary: 'Files of instructions, the latest first, at most 100',
    query: closed({
      after: Type.Optional(
        Type.String({ maxLength: 200, description: '`next` of the page before' }),
      ),
    }),
    responses: { 200: closed({ files: Type.Array(File), next: Type.Optional(Type.String()) }) },
    problems: ['REQUEST_INVALID'],
  }),
  showPayoutFile: route({
    method: 'GET',
    path: '/payment/payout-files/{messageId}',
    action: 'payout-files.read-one',
    whose: 'platform',
    summary: 'A file with its instructions, and what the bank says of each',
    params: fileParams,
    responses: { 200: FileWithInstructions },
    problems: ['PAYOUT_FILE_UNKNOWN'],
  }),
  releasePayoutFile: route({
    method: 'POST',
    path: '/payment/payout-files/{messageId}/release',
    action: 'payout-files.release',
    whose: 'platform',
    approval: { when: 'always', shows: ['contentHash', 'controlSumFen'] },
    summary: 'Release a file by its hash and its sum, decided by two people: it is sent',
    params: fileParams,
    body: closed({ contentHash: Sha256, controlSumFen: Fen }),
    responses: { 200: FileWithInstructions },
    problems: ['PAYOUT_FILE_UNKNOWN', 'PAYOUT_FILE_DIFFERS', 'PAYOUT_FILE_OVER'],
  }),
  declarePayout: route({
    method: 'POST',
    path: '/payment/payout-instructions/{instructionId}/declaration',
    action: 'payout-files.declare',
    whose: 'platform',
    approval: { when: 'always', shows: ['evidence'] },
    summary: 'Declare by evidence that the bank paid nothing of an instruction, and will not',
    description:
      'Decided by two people: it is payable again. A line that comes all the same is a case. Only of a ' +
      'file that the bank has.',
    params: closed({ instructionId: MessageId }),
    body: closed(decided),
    responses: { 200: Instruction },
    problems: ['PAYOUT_FILE_UNKNOWN', 'PAYOUT_FILE_OVER'],
  }),
  allotBankEntry: route({
    method: 'POST',
    path: '/payment/bank-entries/{entryId}/allotment',
    action: 'bank-entries.allot',
    whose: 'platform',
    approval: { when: 'always', shows: ['businessDate', 'party', 'partyId', 'evidence'] },
    summary: 'Allot money that came in and fitted nothing to who paid it, decided by two people',
    description: 'The id is the subject of its case, which ends.',
    params: closed({ entryId: Id }),
    body: closed({
      ...decided,
      businessDate: { ...BusinessDate, description: 'The clearing that it is of' },
      party: oneOf('institution', 'channel', 'funder', 'bank'),
      partyId: Type.String({ minLength: 1, maxLength: 120 }),
    }),
    responses: {
      200: closed({
        ...{ entryId: Id, reference: Type.String(), amountFen: orNull(NetFen) },
        ...{ valueDate: orNull(BusinessDate), meaning: Type.String() },
      }),
    },
    problems: [
      ...(['BANK_ENTRY_UNKNOWN', 'BANK_ENTRY_OVER', 'PAYOUT_EXCEEDS'] as const),
      ...(['CLEARING_UNKNOWN', 'CLEARING_UNFINISHED'] as const),
    ],
  }),
  discardPayoutFile: route({
    method: 'POST',
    path: '/payment/payout-files/{messageId}/discard',
    action: 'payout-files.discard',
    whose: 'platform',
    summary: 'Discard a file before its release: what it took is payable again',
    params: fileParams,
    responses: { 200: FileWithInstructions },
    problems: ['PAYOUT_FILE_UNKNOWN', 'PAYOUT_FILE_OVER'],
  }),
};
