import { randomBytes } from 'node:crypto';
import { databaseOf, urlFor } from './flow/site';
import type { Machine, Process } from './machine';
import { connected } from './raw-postgres';
import type { Site } from './site';

export interface Edge {
  readonly gateway: Process;
  readonly identity: Process;
  /** The gateway's. */
  readonly databaseUrl: string;
}

/** A database of a service's own on the site's server; its address, by the role that the site's has. */
const ownDatabase = async (address: string, service: string): Promise<string> => {
  await connected(address, (client) => client.query(`create database ${databaseOf(service)}`));
  return urlFor(address, '', databaseOf(service));
};

/** Starts identity, and the gateway with settings and flags of its own; each with its own database. */
export const startEdge = async (
  machine: Machine,
  environment: Site['environment'],
  gatewayHas: {
    readonly environment?: Site['environment'];
    readonly flags?: readonly string[];
  } = {},
): Promise<Edge> => {
  const identity = await machine.service('identity', {
    ...environment,
    DATABASE_URL: await ownDatabase(environment['DATABASE_URL']!, 'identity'),
    IDENTITY_MASTER_KEY: randomBytes(32).toString('hex'),
    // Asked for erasures alone, of which there are none here.
    CREDIT_URL: 'http://127.0.0.1:9',
    VISIT_LEDGER_URL: 'http://127.0.0.1:9',
  });
  const { DATABASE_URL: gatewayUrl = environment['DATABASE_URL']! } = gatewayHas.environment ?? {};
  const databaseUrl = await ownDatabase(gatewayUrl, 'gateway');
  // The ledger's HTTP address is not used here.
  const gateway = await machine.service(
    'gateway',
    {
      ...environment,
      GATEWAY_SEALING_KEY: randomBytes(32).toString('base64'),
      GATEWAY_MLLP_PORT: '0',
      IDENTITY_URL: identity.url,
      VISIT_LEDGER_URL: identity.url,
      NOTIFICATION_URL: identity.url,
      PAYMENT_URL: identity.url,
      ...gatewayHas.environment,
      DATABASE_URL: databaseUrl,
    },
    gatewayHas.flags,
  );
  return { identity, gateway, databaseUrl };
};

/** Registers institutions; gives their API keys. */
export const register = async (
  { identity }: Edge,
  institutionIds: readonly string[],
): Promise<Record<string, string>> => {
  const keys: Record<string, string> = {};
  for (const institutionId of institutionIds) {
    const response = await fetch(`${identity.url}/identity/institutions/${institutionId}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: institutionId, level: 'level-3' }),
    });
    if (!response.ok) throw new Error(`registering ${institutionId} answered ${response.status}`);
    keys[institutionId] = ((await response.json()) as { apiKey: string }).apiKey;
  }
  return keys;
};
