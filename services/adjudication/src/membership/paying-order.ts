import { inPayingOrder, plans } from '@caretab/benefits';
import { type Documents, kindOf } from './membership-list';

const KINDS = ['basic', 'supplementary', 'aid', 'commercial', 'voucher'];
const places = new Map(inPayingOrder(plans).map(({ planId }, place) => [planId, place]));

/**
 * Members in the order in which their plans pay, where no coordination file says another: by kind,
 * those of tables in the order of the data, then documents by their plan's id.
 */
export const inOrderOfPlans = <Member extends { readonly planId: string }>(
  members: readonly Member[],
  documents: Documents,
): Member[] => {
  const rankOf = ({ planId }: Member): readonly [number, number, string] => [
    KINDS.indexOf(kindOf(planId, documents) ?? 'voucher'),
    places.get(planId) ?? places.size,
    planId,
  ];
  const ranked = members.map((member) => ({ member, rank: rankOf(member) }));
  ranked.sort(({ rank: a }, { rank: b }) => {
    const at = a.findIndex((value, index) => value !== b[index]);
    return at === -1 ? 0 : a[at]! < b[at]! ? -1 : 1;
  });
  return ranked.map(({ member }) => member);
};
