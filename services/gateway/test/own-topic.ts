import type { Message, ReceivedMessage } from '@caretab/bus';
import { hospitalReports } from '@caretab/contracts';

/** What a hospital with a producer of its own says of its visit. */
export const reported = (
  type: string,
  data: object,
  as: {
    readonly institutionId?: string;
    readonly visitNumber?: string;
    readonly id?: string;
  } = {},
): Message => {
  const { institutionId = 'HZ003', visitNumber = 'V1' } = as;
  const { id = `${institutionId}/${visitNumber}/${type}` } = as;
  const visitId = `${institutionId}-${visitNumber}`;
  return {
    key: visitId,
    headers: {
      ...{ ce_specversion: '1.0', ce_id: id, ce_type: type },
      ...{ ce_source: `hospital/${institutionId}` },
      ...{ ce_time: '2024-01-15T01:05:00Z', 'content-type': 'application/json' },
    },
    value: JSON.stringify({ visitId, institutionId, visitNumber, ...data }),
  };
};

/** As it comes from a hospital's topic. */
export const onTopicOf = (institutionId: string, message: Message): ReceivedMessage => ({
  ...message,
  ...{ topic: hospitalReports(institutionId).name, partition: 0, offset: 0n },
});

export const charged = (chargeId: string, more: object = {}) => ({
  charge: {
    chargeId,
    itemCode: 'LAB001',
    quantity: '2',
    unitPriceYuan: '10.00',
    amountFen: 2_000,
    occurredAt: '2024-01-15T09:10:00+08:00',
    ...more,
  },
});
