import { randomBytes } from 'node:crypto';
import type { Machine, Process } from './machine';
import type { Site } from './site';

export interface Edge {
  readonly gateway: Process;
  readonly identity: Process;
}

/** Starts identity, and the gateway with settings and flags of its own. */
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
    IDENTITY_MASTER_KEY: randomBytes(32).toString('hex'),
    // Asked for erasures alone, of which there are none here.
    CREDIT_URL: 'http://127.0.0.1:9',
    VISIT_LEDGER_URL: 'http://127.0.0.1:9',
  });
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
    },
    gatewayHas.flags,
  );
  return { identity, gateway };
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
