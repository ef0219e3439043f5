/** What of a hospital's actions an API key may be for. */
export const KEY_SCOPES = ['report', 'resolve', 'read', 'webhooks', 'activate', 'cards'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Of a key for which nothing else is said: one for kiosks or card systems is asked for by name. */
export const DEFAULT_KEY_SCOPES: readonly KeyScope[] = KEY_SCOPES.filter(
  (scope) => scope !== 'activate' && scope !== 'cards',
);

export const isKeyScope = (text: string): text is KeyScope =>
  (KEY_SCOPES as readonly string[]).includes(text);
