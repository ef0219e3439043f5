import type { KeyScope } from '@caretab/contracts';

/** What of a hospital's actions a key may be for. */
export const ACTIONS_OF_SCOPE: Readonly<Record<KeyScope, readonly string[]>> = {
  report: [
    'visits.open',
    'visits.open-unidentified',
    'visits.update',
    'visits.end',
    'visits.reopen',
    'visits.cancel',
    'charges.post',
    'returns.post',
    'own-confirmations.send-code',
    'own-confirmations.give-code',
    'source-records.register',
    'own-settlement-answers.reply',
  ],
  resolve: ['persons.resolve', 'source-records.find', 'card-list.read'],
  read: [
    'visits.read',
    'visits.history',
    'visits.pre-settle',
    'ledger-visits.read',
    'ledger-visits.history',
    'ledger-visits.pre-settle',
    'ledger-visits.prove',
    'own-submissions.list',
    'own-holder-cases.list',
    'own-unidentified-visits.list',
    'own-webhooks.list',
    'institution-days.read',
    'claims.read',
    'settlements.list',
    'settlements.summarise',
    'clearings.read',
    'payouts.read',
    'payments.read',
    'estimates.make',
    'plans.list',
    'own-settlement-answers.read',
    'own-settlement-answers.list',
    'answer-reasons.list',
    'payment-channels.list',
    'match-weights.read',
  ],
  webhooks: ['own-webhooks.resend', 'own-webhooks.renew-secret'],
  activate: [
    'own-activations.begin',
    'own-activations.read',
    'own-activations.give-code',
    'own-activations.give-consents',
    'cards.issue-at-kiosk',
  ],
  cards: [
    'card-platform.check-id-card',
    'card-platform.check-card',
    'card-platform.issue',
    'card-platform.change-status',
    'card-platform.replace',
    'card-platform.read-statistics',
    'card-platform.tell-resident',
    'card-platform.modify-card',
  ],
};

/** Of scopes as a token says them: those of other issuers say nothing here. */
const PREFIX = 'hospital:';

const actionsOf = new Map<string, ReadonlySet<string>>(
  Object.entries(ACTIONS_OF_SCOPE).map(([scope, actions]) => [
    `${PREFIX}${scope}`,
    new Set(actions),
  ]),
);

/** As a subject has them and a token says them. */
export const scopeOfKey = (scopes: readonly KeyScope[]): readonly string[] =>
  scopes.map((scope) => `${PREFIX}${scope}`);

/** The scopes of a token's claim that narrow what its roles may do; undefined where none does. */
export const narrowingIn = (claim: unknown): readonly string[] | undefined => {
  if (typeof claim !== 'string') return undefined;
  const narrowing = claim.split(' ').filter((scope) => scope.startsWith(PREFIX));
  return narrowing.length > 0 ? narrowing : undefined;
};

/** Whether an action lies within scopes: within what is not narrowed, everything does. */
export const isInScope = (scope: readonly string[] | undefined, action: string): boolean =>
  scope === undefined || scope.some((each) => actionsOf.get(each)?.has(action) ?? false);
