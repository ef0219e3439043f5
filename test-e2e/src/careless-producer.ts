import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Address } from './platform';

const PORT_LINE = 3;

/** The platform's own PostgreSQL, as its data folder names it. */
const databaseOf = ({ dataDir }: Address): string => {
  const folder = join(dataDir, 'postgres');
  const password = readFileSync(join(folder, 'password'), 'utf8').trim();
  const port = readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n');
  return `postgres://caretab:${password}@127.0.0.1:${port[PORT_LINE]!.trim()}/postgres`;
};

/**
 * A producer that publishes an event without what its contract asks for. No door takes such a one:
 * it goes into an outbox, behind them.
 */
export const publishBroken = async (address: Address, visitId: string): Promise<void> => {
  const client = new Client({ connectionString: databaseOf(address) });
  await client.connect();
  try {
    const headers = {
      ce_specversion: '1.0',
      ce_id: `careless-${visitId}`,
      ce_type: 'VisitEnded',
      ce_source: 'careless',
      ce_time: '2026-03-02T10:00:00Z',
      'content-type': 'application/json',
    };
    await client.query(
      'insert into gateway.outbox (topic, key, headers, value) values ($1, $2, $3, $4)',
      ['hospital.visit-events', visitId, JSON.stringify(headers), JSON.stringify({ visitId })],
    );
  } finally {
    await client.end();
  }
};
