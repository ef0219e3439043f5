import { agreementSettings } from '@caretab/host';
import { Type } from '@sinclair/typebox';

/** What adjudication reads from the environment; plans and catalogue are data. */
export const AdjudicationConfig = Type.Object({ ...agreementSettings });
