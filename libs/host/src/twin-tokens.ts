import { SERVICE, ServiceAuthenticator, ServiceTokens } from '@caretab/access';
import { TWIN_AUTHORS, twinKeyOf } from '@caretab/bus';
import { type Clock, systemClock } from '@caretab/kernel';

/** For tests and simulations: a service's tokens, by the key that is made of its name. */
export const twinTokensOf = (service: string, clock: Clock = systemClock): ServiceTokens =>
  new ServiceTokens({ key: () => twinKeyOf(`${SERVICE}${service}`), clock });

/** Who sends such a token to one of the services. */
export const twinServices = (
  audiences: readonly string[],
  clock: Clock = systemClock,
): ServiceAuthenticator => new ServiceAuthenticator({ keys: TWIN_AUTHORS, audiences, clock });
