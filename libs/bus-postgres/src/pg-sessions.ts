import { holdSettings, type SessionSettings, startupOptions } from '@caretab/store';
import type { PoolConfig } from 'pg';

/**
 * A plan made while statistics call a young topic empty would read all its messages for each page.
 * jit: before PostgreSQL 18 the price of what is switched off would start it.
 */
const BY_INDEX: SessionSettings = { enable_seqscan: 'off', jit: 'off' };
/** Who gives the address. */
export const SETTING = 'BUS_DATABASE_URL';
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** How the bus connects, with these settings of each session. */
export const sessions = (connectionString: string, further: SessionSettings): PoolConfig => {
  const settings = { ...BY_INDEX, statement_timeout: String(STATEMENT_TIMEOUT_MS), ...further };
  return {
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: startupOptions(settings),
    onConnect: holdSettings(settings, SETTING),
  };
};
