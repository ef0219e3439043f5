import { type Static, Type } from '@sinclair/typebox';
import { Charge } from './hospital';
import { ChargeId, Code, Fen, Instant } from './schemas';

/** A charge that is not on the tab: the hospital collects what is left of it at the counter. */
export const NotDeferred = Type.Object(
  {
    chargeId: ChargeId,
    itemCode: Charge.properties.itemCode,
    amountFen: Fen,
    reason: Type.Optional(Code),
    occurredAt: Type.Optional(Instant),
  },
  {
    additionalProperties: false,
    description: 'occurredAt: the charge’s own time, by which people know an item without a name',
  },
);
export type NotDeferred = Static<typeof NotDeferred>;

/** By what people know an item: its name, or its time. Absent in events of earlier releases. */
export const itemOfCharge = {
  itemCode: Type.Optional(Charge.properties.itemCode),
  occurredAt: Type.Optional(Instant),
};

/** What is left of a charge on the tab. */
export const OnTab = Type.Object(
  { itemCode: Charge.properties.itemCode, amountFen: Fen, occurredAt: Instant },
  { additionalProperties: false },
);
export type OnTab = Static<typeof OnTab>;

/** Charges on the tab that the settlement names; the others are counted. */
export const ON_TAB_NAMED_MAX = 20;

/** What is on the tab and what is not; absent in events of earlier releases. */
export const tabNow = {
  notDeferred: Type.Optional(
    Type.Array(NotDeferred, {
      maxItems: 5000,
      description: 'Charges of the visit that are not on the tab, as they stand now',
    }),
  ),
  onTab: Type.Optional(
    Type.Array(OnTab, {
      maxItems: ON_TAB_NAMED_MAX,
      description: 'The first charges on the tab by their time, as they stand now',
    }),
  ),
  onTabCount: Type.Optional(
    Type.Integer({ minimum: 0, description: 'How many charges are on the tab' }),
  ),
};
