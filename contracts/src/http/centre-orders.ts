import { Type } from '@sinclair/typebox';
import { InstitutionId, PersonId, SignedFen } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

const Amount = Type.String({
  pattern: '^-?\\d{1,14}(\\.\\d{1,2})?$',
  description: 'Yuan as exact digits',
});
const Code = Type.String({ pattern: '^[A-Za-z0-9]{1,30}$' });

/** Fields of 2207, 2208, 2304 and 2305; those of the person are added by identity. */
const Data = closed({
  mdtrt_id: Code,
  setl_id: Type.Optional(Code),
  chrg_bchno: Type.Optional(Code),
  med_type: Type.Optional(Code),
  psn_setlway: Type.Optional(Code),
  acct_used_flag: Type.Optional(oneOf('0', '1')),
  mid_setl_flag: Type.Optional(oneOf('0', '1')),
  invono: Type.Optional(Code),
  medfee_sumamt: Type.Optional(Amount),
  fulamt_ownpay_amt: Type.Optional(Amount),
  overlmt_selfpay: Type.Optional(Amount),
  preselfpay_amt: Type.Optional(Amount),
  inscp_scp_amt: Type.Optional(Amount),
});
const Infno = oneOf('2207', '2208', '2304', '2305');

/** What spoke against an answer of the centre, by field; never with what the field held. */
export const CentreDoubt = closed({
  code: Type.String(),
  field: Type.String(),
  why: Type.String(),
});

const Settlement = closed({
  setlId: Type.String(),
  mdtrtId: Type.String(),
  totalFen: SignedFen,
  fundFen: SignedFen,
  accountFen: SignedFen,
  cashFen: SignedFen,
  hospitalFen: SignedFen,
});

const orderId = Type.String({ pattern: '^[A-Za-z0-9:_-]{1,80}$' });
export const CentreOrder = closed({
  orderId,
  personId: PersonId,
  institutionId: InstitutionId,
  infno: Infno,
  step: oneOf('send', 'sent', 'undo', 'done', 'refused', 'held'),
  last: orNull(Type.String({ description: 'How the last message ended' })),
  messages: Type.Integer({ minimum: 1, description: 'Of them all but the last are undone (2601)' }),
  settlement: orNull(Settlement),
  doubts: Type.Array(CentreDoubt),
  placedAt: Moment,
});

const whose = 'platform' as const;
const params = closed({ orderId });

/** Settlements that the region's centre is to make exactly once. */
export const centreOrderRoutes = {
  placeCentreOrder: route({
    method: 'PUT',
    path: '/adjudication/centre-orders/{orderId}',
    action: 'centre-orders.place',
    whose,
    summary: 'Have the centre settle a visit, or cancel a settlement, exactly once',
    description:
      'It goes out by 2207, 2304, 2208 or 2305. What stands is what 5203 says; what is not found is ' +
      'undone by 2601 and sent again under another msgid.',
    params,
    body: closed({
      personId: PersonId,
      institutionId: InstitutionId,
      infno: Infno,
      data: Data,
    }),
    responses: { 202: CentreOrder },
    problems: ['CENTRE_ORDER_CONFLICT'],
  }),
  showCentreOrder: route({
    method: 'GET',
    path: '/adjudication/centre-orders/{orderId}',
    action: 'centre-orders.read',
    whose,
    summary: 'How an order to the centre stands: its step, the settlement, and what was doubted',
    params,
    responses: { 200: CentreOrder },
    problems: ['CENTRE_ORDER_UNKNOWN'],
  }),
  listCentreOrders: route({
    method: 'GET',
    path: '/adjudication/centre-orders',
    action: 'centre-orders.list',
    whose,
    summary: 'The hundred oldest orders of a step; those that are held wait for a person',
    query: closed({ step: oneOf('send', 'sent', 'undo', 'refused', 'held') }),
    responses: { 200: closed({ orders: Type.Array(CentreOrder) }) },
    problems: [],
  }),
};
