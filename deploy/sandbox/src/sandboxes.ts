import { join } from 'node:path';
import { startAcquirer } from './acquirer/acquirer';
import { startMailSink } from './mail/mail-sink';
import { openMessageSink } from './messages/message-sink';
import { openBank } from './registries/bank';
import { openCentre } from './centre/centre';
import { openCreditPlatform } from './registries/credit-platform';
import { openIssuers } from './registries/issuers';
import { openPublicData } from './registries/public-data';
import { openSharedData } from './registries/shared-data';
import { openSettlementBank } from './settlement-bank/settlement-bank';
import { startWebhookReceiver } from './webhook/webhook-receiver';
import { institutionSecrets } from './webhook/webhook-signature';

export interface SandboxesOptions {
  readonly host: string;
  /** The acquirer's; webhooks (with SMS, app and public data) and mail take the next two. */
  readonly firstPort: number;
  /** Where the journals lie. */
  readonly journalsDir: string;
  readonly acquirerSecret: string;
  readonly webhookKey: string;
  /** Of the public-data platform; without it there is none. */
  readonly publicData?: { readonly secret: string; readonly answersUrl: string } | undefined;
  /** Signs questions to the bureau's shared data; without it there is none. */
  readonly sharedDataSecret?: string | undefined;
  /** Signs questions to the centre of medical security; without it there is none. */
  readonly centreSecret?: string | undefined;
  /** Signs questions to the credit platform; without it there is none. */
  readonly creditPlatformSecret?: string | undefined;
  /** Signs orders to the bank that lends; without it there is none. */
  readonly bankSecret?: string | undefined;
  /** Signs files to the bank of the settlement account; without it there is none. */
  readonly settlementBankSecret?: string | undefined;
  /** Signs questions to those who issue codes; without it there are none. */
  readonly issuerSecret?: string | undefined;
  /** Default: the machine's own time. */
  readonly now?: (() => Date) | undefined;
}

export interface Sandboxes {
  readonly acquirerUrl: string;
  readonly webhookUrl: string;
  readonly smtpUrl: string;
  readonly smsUrl: string;
  readonly appUrl: string;
  readonly publicDataUrl: string | undefined;
  readonly sharedDataUrl: string | undefined;
  readonly centreUrl: string | undefined;
  readonly creditPlatformUrl: string | undefined;
  readonly bankUrl: string | undefined;
  readonly issuersUrl: string | undefined;
  readonly settlementBankUrl: string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the sandbox acquirer, the hospitals' webhook receiver with the message sink and the public-data
 * platform, and the mail sink, each with a journal that survives a crash.
 */
export const startSandboxes = async ({
  host,
  firstPort,
  journalsDir,
  acquirerSecret,
  webhookKey,
  publicData: asked,
  sharedDataSecret,
  centreSecret,
  creditPlatformSecret,
  bankSecret,
  issuerSecret,
  settlementBankSecret,
  now = () => new Date(),
}: SandboxesOptions): Promise<Sandboxes> => {
  const journal = (name: string): string => join(journalsDir, `${name}.jsonl`);
  /** A registry that has a secret. */
  const opened = async <Registry>(
    secret: string | undefined,
    name: string,
    open: (given: { secret: string; journalFile: string; now: () => Date }) => Promise<Registry>,
  ): Promise<Registry | undefined> =>
    secret === undefined ? undefined : open({ secret, journalFile: journal(name), now });
  const acquirer = await startAcquirer({
    host,
    port: firstPort,
    secret: acquirerSecret,
    journalFile: journal('acquirer'),
    now,
  });
  const messages = await openMessageSink({ journalFile: journal('messages'), now });
  const publicData =
    asked && (await openPublicData({ ...asked, journalFile: journal('public-data'), now }));
  const sharedData = await opened(sharedDataSecret, 'shared-data', openSharedData);
  const centre = await opened(centreSecret, 'centre', openCentre);
  const creditPlatform = await opened(creditPlatformSecret, 'credit-platform', openCreditPlatform);
  const bank = await opened(bankSecret, 'bank', openBank);
  const issuers = await opened(issuerSecret, 'issuers', openIssuers);
  const settlementBank = await opened(settlementBankSecret, 'settlement-bank', openSettlementBank);
  const webhooks = await startWebhookReceiver({
    host,
    port: firstPort + 1,
    journalFile: journal('webhooks'),
    secretOf: institutionSecrets(webhookKey),
    messages,
    publicData,
    sharedData,
    centre,
    creditPlatform,
    bank,
    issuers,
    settlementBank,
    now,
  });
  const mail = await startMailSink({
    ...{ host, now, port: firstPort + 2 },
    journalFile: journal('mail'),
  });
  return {
    acquirerUrl: acquirer.url,
    webhookUrl: `${webhooks.url}/hooks`,
    smtpUrl: mail.url,
    smsUrl: `${webhooks.url}/messages/sms`,
    appUrl: `${webhooks.url}/messages/app`,
    publicDataUrl: publicData && `${webhooks.url}/public-data`,
    sharedDataUrl: sharedData && `${webhooks.url}/shared-data`,
    centreUrl: centre && `${webhooks.url}/centre/calls`,
    creditPlatformUrl: creditPlatform && `${webhooks.url}/credit-platform`,
    bankUrl: bank && `${webhooks.url}/bank`,
    issuersUrl: issuers && `${webhooks.url}/issuers`,
    settlementBankUrl: settlementBank && `${webhooks.url}/settlement-bank`,
    stop: async () => {
      await Promise.all([acquirer.stop(), webhooks.stop(), mail.stop()]);
      const journals = [messages, publicData, sharedData, centre, creditPlatform, bank, issuers];
      for (const each of [...journals, settlementBank]) await each?.stop();
    },
  };
};
