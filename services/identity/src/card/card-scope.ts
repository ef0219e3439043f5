import type { Subject } from '@caretab/access';
import { assert } from '@caretab/kernel';
import type { CardRow } from './card.table';

/** Whose cards someone speaks for: a region's, an institution's, or all. */
export interface CardScope {
  readonly region?: string;
  readonly institutionId?: string;
}

/** Who says something of cards. */
export interface CardAsker {
  readonly by: string;
  readonly scope: CardScope;
}

export const askerOf = ({ id, roles }: Subject): CardAsker => {
  for (const { kind, region, institution } of roles) {
    if (kind === 'Desk' && institution === undefined) return { by: id, scope: {} };
    if (kind === 'CardPlatform' && region !== undefined) return { by: id, scope: { region } };
    if (kind === 'HospitalSystem' && institution !== undefined)
      return { by: id, scope: { institutionId: institution } };
  }
  assert(false, 'a policy lets in those alone who speak for cards');
};

type Owned = Pick<CardRow, 'region' | 'institutionId'>;

/** A province speaks for the cards of its cities, a city for those of its counties. */
export const isWithinScope = ({ region, institutionId }: CardScope, card: Owned): boolean =>
  region !== undefined
    ? (card.region?.startsWith(region) ?? false)
    : institutionId === undefined || card.institutionId === institutionId;

/** Issued by no platform and no institution: who knows its number and holder may speak for it. */
export const isNoOnes = ({ region, institutionId }: Owned): boolean =>
  region === null && institutionId === null;
