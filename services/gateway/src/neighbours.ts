import type { AskOptions, ServiceParts } from '@caretab/host';
import type { Static } from '@sinclair/typebox';
import { ActivationClient } from './api/activation.adapter';
import { CreditClient } from './api/credit.adapter';
import { NotificationClient } from './api/notification.adapter';
import { PaymentClient } from './api/payment.adapter';
import { VisitLedgerClient } from './api/visit-ledger.adapter';
import type { GatewayConfig } from './config';
import { IdentityClient } from './intake/identity.adapter';
import type { Misses } from './intake/misses';
import { LooksClient } from './looks/looks.adapter';

/** The services that the gateway asks. */
export const neighboursOf = (parts: ServiceParts<Static<typeof GatewayConfig>>, misses: Misses) => {
  const { config, tokens, timers, fetch, clock } = parts;
  const asking = (asked: string, url: string): AskOptions => ({
    ...{ url, asked, tokens, timers, fetch },
  });
  return {
    partners: new IdentityClient(asking('identity', config.IDENTITY_URL), clock, misses),
    activations: new ActivationClient(asking('identity', config.IDENTITY_URL)),
    ledger: new VisitLedgerClient(asking('visit-ledger', config.VISIT_LEDGER_URL)),
    notification: new NotificationClient(asking('notification', config.NOTIFICATION_URL)),
    looks: looksFrom(asking, {
      identity: config.IDENTITY_URL,
      credit: config.CREDIT_URL,
      'visit-ledger': config.VISIT_LEDGER_URL,
      adjudication: config.ADJUDICATION_URL,
      payment: config.PAYMENT_URL,
      notification: config.NOTIFICATION_URL,
    }),
    payment: new PaymentClient(asking('payment', config.PAYMENT_URL)),
    credit: new CreditClient(config.CREDIT_URL, asking),
  };
};

const looksFrom = (
  asking: (asked: string, url: string) => AskOptions,
  urls: Readonly<Record<string, string | undefined>>,
): LooksClient => {
  const services = Object.entries(urls);
  return new LooksClient(
    services.flatMap(([service, url]) => (url === undefined ? [] : [asking(service, url)])),
    services.flatMap(([service, url]) => (url === undefined ? [service] : [])),
  );
};
