import {
  WebhookPage,
  webhookRange,
  webhookResend,
  WebhookSecret,
  WebhooksResent,
} from './notification';
import { route } from './route';
import { closed } from './shapes';

const webhookProblems = ['IDENTITY_UNAVAILABLE', 'NOTIFICATION_UNAVAILABLE', 'OVERLOADED'] as const;

/** A hospital's own webhooks, at the edge. */
export const ownWebhookRoutes = {
  listOwnWebhooks: route({
    method: 'GET',
    path: '/v1/webhooks',
    action: 'own-webhooks.list',
    whose: 'scoped',
    summary: "The hospital's webhooks; without a status those that did not arrive",
    query: closed(webhookRange),
    responses: { 200: WebhookPage },
    problems: webhookProblems,
  }),
  resendOwnWebhooks: route({
    method: 'POST',
    path: '/v1/webhooks/resend',
    action: 'own-webhooks.resend',
    whose: 'scoped',
    summary: "Send the hospital's webhooks of a time range again, under the same notice ids",
    description:
      'Without a status those that did not arrive; `sent` repeats what arrived. `from` and `until` ' +
      'are times of the events, both included.',
    body: closed(webhookResend),
    responses: { 200: WebhooksResent },
    problems: webhookProblems,
  }),
  renewOwnWebhookSecret: route({
    method: 'POST',
    path: '/v1/webhooks/secret',
    action: 'own-webhooks.renew-secret',
    whose: 'scoped',
    summary: "Make a new secret for the hospital's webhooks; the one before signs for seven days",
    responses: { 201: WebhookSecret },
    problems: [...webhookProblems, 'WEBHOOK_SECRETS_TOO_MANY'],
  }),
};
