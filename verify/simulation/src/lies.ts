import { FEN_MAX } from '@caretab/contracts';
import { type Message, type ParkedRow, signedAll, authorOf, twinKeyOf } from '@caretab/bus';
import type { LieKind, LiePlan } from './forgery-plan';
import { FORGED, isForgery, rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';
import { must } from './violation';

type Data = Readonly<Record<string, unknown>>;

/** What the right author of a topic says, and what cannot be. */
interface Lie {
  readonly topic: string;
  /** A true message that it is made of. */
  readonly from: string;
  readonly type?: string;
  /** Who must not believe it. */
  readonly receivers: readonly string[];
  /** Undefined: nothing impossible can be made of this one. `stranger`: of other messages. */
  readonly of: (data: Data, stranger: string) => Data | undefined;
  /** Of a child it might be true. */
  readonly ofAdults?: true;
}

/** The last two: nothing of its visit is decided now, as its log holds what the ledger did not write. */
const PARKED_AS = ['MESSAGE_IMPOSSIBLE', 'HANDLER_FAILED', 'KEY_HELD'];
const NO_PERSON = 'p-99999999-9999-4999-8999-999999999999';
const NO_ERASURE = 'e-00000000-0000-4000-8000-000000000000';
const payment = { topic: 'payment.payments', from: 'PaymentCaptured', receivers: ['visit-ledger'] };
const claims = { topic: 'adjudication.claims', receivers: ['visit-ledger'] };
const holds = { topic: 'credit.authorizations', receivers: ['visit-ledger'] };
const visits = { topic: 'visit-ledger.visits' };

const LIES: Readonly<Record<LieKind, Lie>> = {
  'a capture of any amount': {
    ...payment,
    of: (data) => ({ ...data, paymentId: 'lie', amountFen: FEN_MAX }),
  },
  'a capture from a stranger': {
    ...payment,
    of: (data, stranger) => ({ ...data, paymentId: 'lie', accountPersonId: stranger }),
  },
  'a verdict on a stranger': {
    ...{ ...claims, from: 'ClaimAdjudicated' },
    of: (data, stranger) => ({ ...data, personId: stranger }),
  },
  'a hold of a stranger': {
    ...{ ...holds, from: 'CreditAuthorized', type: 'HoldIncreased' },
    of: ({ visitId, accountPersonId }, stranger) => ({
      ...{ visitId, accountPersonId, personId: stranger, requestId: 'lie', heldFen: FEN_MAX },
    }),
  },
  'a settlement that was not paid': {
    ...{ ...visits, from: 'VisitSettled', receivers: ['credit', 'notification'] },
    of: (data) =>
      Number(data['patientDueFen']) > 0
        ? { ...data, revision: 99, refundedFen: Number(data['refundedFen']) + 1 }
        : undefined,
  },
  'a bill on a stranger’s line': {
    ...{ ...visits, from: 'VisitAdjudicated', receivers: ['credit', 'payment'], ofAdults: true },
    of: (data, stranger) =>
      data['accountPersonId'] === data['personId']
        ? { ...data, revision: 99, accountPersonId: stranger }
        : undefined,
  },
  'a closing that makes no sum': {
    ...{ ...visits, from: 'VisitClosed', receivers: ['adjudication'] },
    of: (data) => ({ ...data, revision: 99, grossFen: Number(data['grossFen']) + 1 }),
  },
  'an erasure that was not asked for': {
    ...{ topic: 'identity.persons', from: 'PersonRegistered', type: 'PersonalDataDestroyed' },
    receivers: ['credit', 'payment', 'notification', 'gateway', 'visit-ledger'],
    of: ({ personId, registeredAt }) => ({
      ...{ personId, destroyedAt: registeredAt, erasureId: NO_ERASURE },
    }),
  },
};

const told = new WeakMap<SimulatedPlatform, { mark: string; receivers: readonly string[] }[]>();

const personOf = ({ value }: Message): string => {
  const { accountPersonId, personId } = JSON.parse(value) as Record<string, string>;
  return accountPersonId ?? personId ?? '';
};

export const beginLies = (world: SimulatedPlatform, lies: readonly LiePlan[]): void => {
  const marks: { mark: string; receivers: readonly string[] }[] = [];
  told.set(world, marks);
  for (const { kind, atMs, place } of lies)
    world.scheduler.after(atMs, `${kind} is said`, () => {
      const { topic, from, type = from, receivers, of, ofAdults } = LIES[kind];
      const sent = world.sent.filter(({ message: { headers } }) => !headers[FORGED]);
      const ofTopic = sent.filter((one) => one.topic === topic);
      const such = ofTopic.filter(({ message: { headers } }) => headers['ce_type'] === from);
      const truth = such[Math.floor(place * such.length)]?.message;
      if (!truth) return;
      // Who ever was of this visit, or bore it, would make a lie that fits.
      const own = sent.filter(({ message: { key } }) => key === truth.key);
      const others = ofTopic.map(({ message }) => personOf(message));
      const isStranger = (id: string): boolean =>
        id !== '' && !own.some(({ message }) => message.value.includes(id));
      const stranger = others.find(isStranger) ?? NO_PERSON;
      const fact = JSON.parse(truth.value) as Data;
      const isChild = sent.some(
        ({ message: { key, value } }) =>
          key === fact['personId'] && (JSON.parse(value) as Data)['minor'] === true,
      );
      const data = ofAdults && isChild ? undefined : of(fact, stranger);
      if (!data) return;
      const mark = `${kind} ${marks.length}`;
      const headers = { ...truth.headers, ce_id: `lie/${marks.length}`, ce_type: type };
      const lie = { ...truth, headers, value: JSON.stringify(data) };
      const [signed] = signedAll(topic, [lie], twinKeyOf(authorOf(topic))) as [Message];
      marks.push({ mark, receivers });
      world.tell(`${world.scheduler.stamp()} ${authorOf(topic)} lies: ${kind}`);
      void world.bus.send(topic, [{ ...signed, headers: { ...signed.headers, [FORGED]: mark } }]);
    });
};

/** Each is parked wherever it could have done something. */
export const judgeLies = (world: SimulatedPlatform): void => {
  for (const { mark, receivers } of told.get(world) ?? [])
    for (const service of receivers) {
      const codes = rows<ParkedRow>(world, service, 'parked')
        .filter((row) => isForgery(row) && row.headers.includes(`"${mark}"`))
        .map(({ code }) => code);
      must(codes.length === 1 && PARKED_AS.includes(codes[0]!), 'lied', () => ({
        ...{ mark, service, codes },
      }));
    }
};
