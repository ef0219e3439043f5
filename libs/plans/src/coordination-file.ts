import { type Static, Type } from '@sinclair/typebox';
import {
  closed,
  Day,
  Name,
  oneOf,
  PlanId,
  Region,
  ScopeName,
  Source,
  Text,
  When,
} from './file-parts';

export const CoordinationFile = closed({
  $schema: Type.Optional(Type.String()),
  schema: Type.Literal('caretab-coordination/1'),
  region: Region,
  name: Text,
  from: Day,
  to: Type.Union([Day, Type.Null()]),
  source: Source,
  order: Type.Array(
    Type.Union(
      [
        closed({
          plan: PlanId,
          on: Type.Optional(oneOf('residue', 'gross')),
          when: Type.Optional(When),
        }),
        closed({
          account: Name,
          pays: Type.Array(ScopeName, { minItems: 1, uniqueItems: true }),
          when: Type.Optional(When),
        }),
      ],
      { description: 'a payer: {"plan": id}, or {"account": name, "pays": [scopes]}' },
    ),
    { minItems: 1 },
  ),
});
export type CoordinationFile = Static<typeof CoordinationFile>;
