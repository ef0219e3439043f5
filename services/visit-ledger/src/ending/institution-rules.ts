import type { Store } from '@caretab/store';
import type { EndRules } from './end-rules';
import { type InstitutionRulesRow, institutionRulesTable } from './institution-rules.table';

/** The rules of institutions, as identity last published them; `defaults` where it says nothing. */
export class InstitutionRules {
  constructor(
    private readonly store: Store,
    private readonly defaults: EndRules,
  ) {}

  /** Reads the rules of the institutions of one batch. */
  async of(institutionIds: Iterable<string>): Promise<(institutionId: string) => EndRules> {
    const ids = [...new Set(institutionIds)];
    const rows =
      ids.length === 0
        ? []
        : await this.store.transact((transaction) =>
            transaction.rows(institutionRulesTable).find({ institutionId: { in: ids } }),
          );
    const known = new Map(rows.map((row) => [row.institutionId, this.withDefaults(row)]));
    return (institutionId) => known.get(institutionId) ?? this.defaults;
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
