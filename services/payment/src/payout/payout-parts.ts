import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceParts } from '@caretab/host';
import type { MasterKeys } from '@caretab/security';
import type { Provider } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { TokenVault } from '../account/token-vault';
import type { Calendars } from '../collection/policy';
import type { PaymentConfig } from '../config';
import type { Bank } from './bank';
import { BankGateway } from './bank.gateway';
import { BankReports } from './bank-reports';
import { HospitalAccounts } from './hospital-accounts';
import { PayoutFiles } from './payout-files';
import { type PayoutPolicy, payoutPolicyOf } from './payout-policy';
import { PayoutRepairs } from './payout-repairs';
import { PayoutSender } from './payout-sender';

type Config = Static<typeof PaymentConfig>;

export const payoutPolicy = (config: Config): PayoutPolicy => {
  const file = config.PAYMENT_PAYOUT_FILE ?? join(__dirname, '../../data/payout-policy.json');
  const name = config.PAYMENT_PAYOUT_FILE ?? 'services/payment/data/payout-policy.json';
  return payoutPolicyOf(name, readFileSync(file, 'utf8'));
};

const bankOf = ({ config, clock, fetch }: ServiceParts<Config>): Bank | undefined => {
  const { PAYMENT_BANK_URL: url, PAYMENT_BANK_SECRET: secret } = config;
  if (url === undefined || secret === undefined) return undefined;
  return new BankGateway({
    ...{ url, secret, clock, fetch },
    timeoutMs: config.PAYMENT_BANK_TIMEOUT_MS,
    reportTimeoutMs: config.PAYMENT_STATEMENT_TIMEOUT_MS,
  });
};

/** What works between us and the bank; without a bank or an account there is nothing to do. */
export class BankWork {
  constructor(
    private readonly parts:
      { readonly sender: PayoutSender; readonly reports: BankReports } | undefined,
    readonly intervalMs: number,
  ) {}

  async runOnce(): Promise<number> {
    if (!this.parts) return 0;
    const { sender, reports } = this.parts;
    return (await sender.runOnce()) + (await reports.runOnce());
  }

  degradations() {
    return this.parts?.sender.degradations() ?? [];
  }
}

/** Files, accounts, and what works between us and the bank. */
export const payoutsOf = (
  parts: ServiceParts<Config>,
  given: {
    readonly vault: TokenVault;
    readonly keys: MasterKeys;
    readonly calendars: Calendars;
    readonly policy: PayoutPolicy;
  },
) => {
  const { store, clock, logger, config } = parts;
  const { vault, keys, calendars, policy } = given;
  const bank = bankOf(parts);
  const accounts = new HospitalAccounts({ store, clock, vault, keys });
  const isConnected = bank !== undefined;
  const files = new PayoutFiles({ store, clock, vault, accounts, policy, isConnected });
  const { settlementAccount } = policy;
  const work =
    bank && settlementAccount
      ? {
          sender: new PayoutSender({ store, clock, bank, vault, logger }),
          reports: new BankReports({
            ...{ store, clock, bank, accounts, logger, policy: calendars },
            settlementAccount: settlementAccount.account,
          }),
        }
      : undefined;
  const providers: Provider[] = [
    { provide: PayoutFiles, useValue: files },
    { provide: HospitalAccounts, useValue: accounts },
    { provide: PayoutRepairs, useValue: new PayoutRepairs({ store, clock, policy: calendars }) },
  ];
  return { providers, work: new BankWork(work, config.PAYMENT_BANK_INTERVAL_MS) };
};
