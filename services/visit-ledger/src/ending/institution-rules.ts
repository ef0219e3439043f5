import type { Store } from '@caretab/store';
import { DomainError } from '@caretab/kernel';
import type { EndRules } from './end-rules';
import { type InstitutionRulesRow, institutionRulesTable } from './institution-rules.table';

/**
 * The rules of an institution that is registered. A registration comes by a topic of its own, and may
 * be overtaken by a report. Throws INSTITUTION_UNKNOWN (awaited).
 */
export const registered = (
  rules: EndRules | undefined,
  { institutionId }: { readonly institutionId: string },
): EndRules => {
  if (!rules) throw new DomainError('INSTITUTION_UNKNOWN', 'awaited', { institutionId });
  return rules;
};

/** The rules of institutions, as identity last published them; `defaults` where they say nothing. */
export class InstitutionRules {
  constructor(
    private readonly store: Store,
    readonly defaults: EndRules,
  ) {}

  /** Reads the rules of the institutions of one batch; undefined: none is known to be registered. */
  async of(
    institutionIds: Iterable<string>,
  ): Promise<(institutionId: string) => EndRules | undefined> {
    const ids = [...new Set(institutionIds)];
    const rows =
      ids.length === 0
        ? []
        : await this.store.transact((transaction) =>
            transaction.rows(institutionRulesTable).find({ institutionId: { in: ids } }),
          );
    const known = new Map(rows.map((row) => [row.institutionId, this.withDefaults(row)]));
    return (institutionId) => known.get(institutionId);
  }

  private withDefaults(row: InstitutionRulesRow): EndRules {
    const { graceMs, lateCharge, outpatientEnd, emergencyEnd } = this.defaults;
    return {
      graceMs: row.graceMs ?? graceMs,
      lateCharge: row.lateCharge ?? lateCharge,
      outpatientEnd: row.outpatientEnd ?? outpatientEnd,
      emergencyEnd: row.emergencyEnd ?? emergencyEnd,
    };
  }
}
