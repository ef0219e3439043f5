/** What of a hospital's actions an API key may be for. */
export const KEY_SCOPES = ['report', 'resolve', 'read', 'webhooks'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

export const isKeyScope = (text: string): text is KeyScope =>
  (KEY_SCOPES as readonly string[]).includes(text);
