import { isWithin, type Scope } from '@caretab/access';
import { findPlan, plans } from '@caretab/benefits';
import type { Membership, PlanFacts } from '@caretab/contracts';
import { type Clock, contentHash } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import { approvedDocuments, knowDocuments } from '../document/approved-documents';
import type { PlanDocumentRow } from '../document/document.table';
import { checkMemberships, creditedFen } from './membership-list';
import {
  type MembershipRow,
  membershipTable,
  memberTable,
  personalAccountTable,
} from './membership.table';
import { inOrderOfPlans } from './paying-order';

/** What an operator sees of a person's memberships. */
export interface PersonMemberships {
  readonly personId: string;
  readonly memberships: readonly {
    readonly planId: string;
    readonly psnType: string;
    readonly from: string;
    readonly to: string | null;
    readonly facts?: PlanFacts;
  }[];
  readonly personalAccounts: readonly {
    readonly planId: string;
    readonly creditedFen: number;
    readonly usedFen: number;
  }[];
}

type Approved = readonly PlanDocumentRow[];

const payerOf = (planId: string, approved: Approved): string | undefined =>
  findPlan(planId)?.payerId ?? approved.find(({ name }) => name === planId)?.payerId ?? undefined;

/** Rows name plans and no payers. */
const inPlans = ({ payer, ...whose }: Scope, approved: Approved): readonly Whose[] => {
  if (payer === undefined) return [whose];
  const tables = plans.filter(({ payerId }) => payerId === payer).map(({ planId }) => planId);
  const documents = approved.filter(({ payerId }) => payerId === payer).map(({ name }) => name);
  return [...new Set([...tables, ...documents])].map((plan) => ({ ...whose, plan }));
};

/** Who belongs to which plan, when. */
export class Memberships {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes `list` the person's memberships. The same list again changes nothing; another replaces
   * the earlier one, while accounts keep what was used. Visits already opened keep the coverage
   * they were given. Throws what `checkMemberships` throws.
   */
  async replace(personId: string, list: readonly Membership[]): Promise<PersonMemberships> {
    const documents = await this.known(list);
    checkMemberships(list, { documents });
    const hash = contentHash(list);
    return this.store.transact(async (transaction) => {
      const members = transaction.rows(memberTable);
      await members.insertIfAbsent({ personId, contentHash: '', changedAt: this.clock.now() });
      const member = await members.get({ personId }, { lock: 'wait' });
      if (member?.contentHash !== hash) {
        await members.save({ personId, contentHash: hash, changedAt: this.clock.now() });
        await this.write(personId, list, transaction);
      }
      return this.read(personId, transaction, documents);
    });
  }

  /** A person without a list has no memberships. */
  of(personId: string): Promise<PersonMemberships> {
    return this.store.transact(async (transaction) =>
      this.read(personId, transaction, await approvedDocuments(transaction)),
    );
  }

  /** Those that lie within the scopes: an insurer sees its own plans. */
  async within(scopes: readonly Scope[], personId: string): Promise<PersonMemberships> {
    const approved = await this.store.transact(approvedDocuments);
    const { memberships, personalAccounts } = await this.store.transact(
      (transaction) => this.read(personId, transaction, approved),
      { within: scopes.flatMap((scope) => inPlans(scope, approved)) },
    );
    const isSeen = ({ planId }: { readonly planId: string }): boolean =>
      isWithin(scopes, { person: personId, payer: payerOf(planId, approved) });
    return {
      personId,
      memberships: memberships.filter(isSeen),
      personalAccounts: personalAccounts.filter(isSeen),
    };
  }

  /** Documents of the plans that a list names, known to this process for what they look at. */
  private known(list: readonly Membership[]): Promise<PlanDocumentRow[]> {
    const named = new Set(list.map(({ planId }) => planId));
    return this.store.transact(async (transaction) => {
      const approved = await approvedDocuments(transaction);
      const withFacts = list.some(({ facts }) => facts !== undefined);
      if (withFacts)
        await knowDocuments(
          transaction,
          approved.filter(({ kind, name }) => kind === 'plan' && named.has(name)),
        );
      return approved;
    });
  }

  private async write(
    personId: string,
    list: readonly Membership[],
    transaction: Transaction,
  ): Promise<void> {
    const memberships = transaction.rows(membershipTable);
    await memberships.delete({ personId });
    await memberships.insert(
      ...list.map(({ planId, psnType, from, to, facts }) => ({
        personId,
        planId,
        psnType,
        memberFrom: from,
        memberTo: to ?? null,
        facts: (facts as PlanFacts | undefined) ?? null,
      })),
    );
    const accounts = transaction.rows(personalAccountTable);
    for (const planId of [...new Set(list.map((membership) => membership.planId))].sort()) {
      await accounts.insertIfAbsent({ personId, planId, creditedFen: 0, usedFen: 0 });
      const account = await accounts.get({ personId, planId }, { lock: 'wait' });
      await accounts.save({ ...account!, creditedFen: creditedFen(list, planId) });
    }
  }

  private async read(
    personId: string,
    transaction: Transaction,
    approved: Approved,
  ): Promise<PersonMemberships> {
    const rows = await transaction
      .rows(membershipTable)
      .find({ personId }, { orderBy: 'memberFrom' });
    const accounts = await transaction
      .rows(personalAccountTable)
      .find({ personId }, { orderBy: 'planId' });
    return {
      personId,
      memberships: inOrderOfPlans(rows, approved).map(
        ({ planId, psnType, memberFrom: from, memberTo: to, facts }) => ({
          ...{ planId, psnType, from, to },
          ...(facts && { facts }),
        }),
      ),
      personalAccounts: accounts
        .filter((account) => account.creditedFen > 0 || account.usedFen > 0)
        .map(({ planId, creditedFen: credited, usedFen }) => ({
          planId,
          creditedFen: credited,
          usedFen,
        })),
    };
  }
}

/** The person's memberships on a day (YYYY-MM-DD), in the order in which their plans pay. */
export const membershipsOn = async (
  transaction: Transaction,
  personId: string,
  date: string,
): Promise<MembershipRow[]> => {
  const begun = await transaction
    .rows(membershipTable)
    .find({ personId, memberFrom: { lte: date } });
  return inOrderOfPlans(
    begun.filter(({ memberTo }) => memberTo === null || date <= memberTo),
    begun.length > 1 ? await approvedDocuments(transaction) : [],
  );
};
