import type { Address } from './platform';
import { inDatabase } from './platform-database';

/**
 * A producer that publishes an event without what its contract asks for. No door takes such a one:
 * it goes into an outbox, behind them.
 */
export const publishBroken = async (address: Address, visitId: string): Promise<void> => {
  const headers = {
    ce_specversion: '1.0',
    ce_id: `careless-${visitId}`,
    ce_type: 'VisitEnded',
    ce_source: 'careless',
    ce_time: '2026-03-02T10:00:00Z',
    'content-type': 'application/json',
  };
  await inDatabase(address, (client) =>
    client.query(
      'insert into gateway.outbox (topic, key, headers, value) values ($1, $2, $3, $4)',
      ['hospital.visit-events', visitId, JSON.stringify(headers), JSON.stringify({ visitId })],
    ),
  );
};
