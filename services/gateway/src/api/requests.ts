import {
  CancelBody,
  ChargesBody,
  EndBody,
  ReopenBody,
  ReturnBody,
  sumFault,
  type SumFault,
  UnidentifiedVisitBody,
  UpdateBody,
  VisitBody,
  VisitNumber,
} from '@caretab/contracts';
import { valid } from '@caretab/host';
import type { Static, TSchema } from '@sinclair/typebox';
import { Faults } from '../intake/fault';
import { isUnidentified } from '../intake/unidentified';
import type { Submission, SubmittedFact } from '../intake/submission';
import { withoutBraces } from '../intake/visit-number';

/** What a request says, before it is known whose it is. */
export type RequestFacts = Pick<
  Submission,
  'visitNumber' | 'person' | 'presence' | 'entitlement' | 'holder' | 'facts'
>;

/**
 * Reads a body for the visit of its path (`undefined` where the body names the visit). Throws
 * REQUEST_INVALID and others (invalid).
 */
export type Reading = (body: unknown, visitNumber: string | undefined) => RequestFacts;

const doubles = (ids: readonly string[]): number[] =>
  ids.flatMap((id, index) => (ids.indexOf(id) < index ? [index] : []));

const chargesIn = ({ charges }: ChargesBody, faults: Faults): SubmittedFact[] => {
  for (const index of doubles(charges.map(({ chargeId }) => chargeId)))
    faults.add(
      `/charges/${index}/chargeId`,
      'TRANSACTION_ID_REPEATED',
      'another charge of this request has the same id',
      'give each charge its own id',
    );
  charges.forEach((charge, index) => {
    const fault = sumFault(charge);
    if (fault)
      faults.add(`/charges/${index}/${fault.field}`, fault.code, ...SUM_WORDS[fault.field]);
  });
  return charges.map((charge) => ({ type: 'ChargePosted', charge }));
};

const SUM_WORDS: Readonly<Record<SumFault['field'], readonly [why: string, remedy: string]>> = {
  quantity: ['the quantity is zero', 'send what was given, or leave the charge out'],
  amountFen: [
    'the amount is not quantity times unit price, rounded half up to the fen',
    'correct quantity, unitPriceYuan or amountFen',
  ],
};

const returnIn = (body: ReturnBody, faults: Faults): SubmittedFact[] => {
  const { quantity, amountFen } = body;
  if (quantity === undefined && amountFen === undefined)
    faults.add(
      '/quantity',
      'FIELD_MISSING',
      'the return says neither how many nor how much is taken back',
      'send quantity, amountFen, or both',
    );
  if (quantity !== undefined && Number(quantity) === 0)
    faults.add(
      '/quantity',
      'FIELD_INVALID',
      'the quantity is zero',
      'send what was taken back, or amountFen alone',
    );
  return [{ type: 'ChargeReturned', ...body }];
};

const unidentifiedIn = (
  { visitClass, department, startedAt, openedBy, reason }: UnidentifiedVisitBody,
  faults: Faults,
): SubmittedFact[] => {
  if (visitClass !== 'emergency')
    faults.add(
      '/visitClass',
      'FIELD_INVALID',
      'only an emergency is opened without knowing the patient',
      'send emergency; for a planned visit ask for a credential',
    );
  const [first, second] = openedBy;
  if (first === second)
    faults.add(
      '/openedBy/1',
      'STAFF_NOT_TWO',
      'both are the same member of the staff',
      'have a second one confirm it, and send that one’s id',
    );
  return [
    {
      ...{ type: 'UnidentifiedVisitStarted', visitClass: 'emergency' },
      ...{ department, startedAt, openedBy, reason },
    },
  ];
};

const personIn = (
  { credential, personId, holder }: VisitBody,
  faults: Faults,
): Submission['person'] => {
  if (credential && personId)
    return faults.add(
      '/personId',
      'FIELD_REPEATED',
      'the person is named twice',
      'send the credential or the personId',
    );
  if (personId) return { personId };
  if (!credential && isUnidentified(holder?.name ?? ''))
    return faults.add(
      '/credential',
      'PATIENT_UNIDENTIFIED',
      'the patient is not identified',
      'an emergency is opened at POST /v1/unidentified-visits; else charge at the counter, and open ' +
        'a visit with a credential once it is known who it is',
    );
  return (
    credential ??
    faults.add(
      '/credential',
      'CREDENTIAL_MISSING',
      'nothing says who this is',
      'send a credential or a personId',
    )
  );
};

const holderIn = ({ holder }: VisitBody): Submission['holder'] => {
  if (!holder) return undefined;
  const { name, ...rest } = holder;
  return { ...rest, ...(name !== undefined && { names: [name] }) };
};

const reading = <Schema extends TSchema>(
  schema: Schema,
  factsIn: (body: Static<Schema>, faults: Faults) => SubmittedFact[],
): Reading => {
  const [checkBody, checkNumber] = [valid(schema), valid(VisitNumber)];
  return (body, visitNumber) => {
    const checked: Static<Schema> = checkBody(body);
    const given = visitNumber ?? (checked as { visitNumber?: unknown }).visitNumber;
    const number: string = checkNumber(typeof given === 'string' ? withoutBraces(given) : given);
    const faults = new Faults();
    const facts = factsIn(checked, faults);
    const opening = schema === (VisitBody as TSchema) ? (checked as VisitBody) : undefined;
    const person = opening && personIn(opening, faults);
    faults.throwIfAny();
    const holder = opening && holderIn(opening);
    const { presence, entitlement } = opening ?? {};
    return {
      ...{ visitNumber: number, person },
      ...(presence && { presence }),
      ...(entitlement && { entitlement }),
      ...(holder && { holder }),
      facts,
    };
  };
};

/** Every request that changes something, by the name of its route. */
export const READINGS = {
  start: reading(VisitBody, ({ visitClass, department, startedAt }) => [
    { type: 'VisitStarted', visitClass, department, startedAt },
  ]),
  startUnidentified: reading(UnidentifiedVisitBody, unidentifiedIn),
  charges: reading(ChargesBody, chargesIn),
  returns: reading(ReturnBody, returnIn),
  update: reading(UpdateBody, (body) => [{ type: 'VisitUpdated', ...body }]),
  end: reading(EndBody, (body) => [{ type: 'VisitEnded', ...body }]),
  reopen: reading(ReopenBody, (body) => [{ type: 'VisitReopened', ...body }]),
  cancel: reading(CancelBody, (body) => [{ type: 'VisitWithdrawn', ...body }]),
} satisfies Record<string, Reading>;

export type Action = keyof typeof READINGS;

/**
 * Upcasts a kept request: a return was once posted to `credits`, with `creditId` and `creditedAt`,
 * and the quarantine may still hold such a request. What is kept is not rewritten.
 */
export const inTodaysWords = <Request extends { readonly action: string; readonly body: unknown }>(
  request: Request,
): Request => {
  if (request.action !== 'credits') return request;
  const body = Object.fromEntries(
    Object.entries(request.body ?? {}).map(([field, value]) => [
      TODAYS_FIELDS[field] ?? field,
      value,
    ]),
  );
  return { ...request, action: 'returns', body };
};

const TODAYS_FIELDS: Readonly<Record<string, string>> = {
  creditId: 'returnId',
  creditedAt: 'returnedAt',
};
