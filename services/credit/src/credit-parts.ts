import type { ServiceParts } from '@caretab/host';
import type { Static } from '@sinclair/typebox';
import type { CreditConfig } from './config';

/** What credit is made of. */
export type CreditParts = ServiceParts<Static<typeof CreditConfig>>;
