import { Type } from '@sinclair/typebox';

/** What identity reads from the environment. */
export const IdentityConfig = Type.Object({
  IDENTITY_MASTER_KEY: Type.String({
    pattern: '^[0-9a-fA-F]{64}$',
    description:
      '32 bytes in hex; wraps every person’s data key. Lose it and all personal data is lost',
  }),
});
