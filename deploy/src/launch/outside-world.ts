import { join } from 'node:path';
import { institutionSecrets, startAcquirer, startMailSink, startWebhookReceiver } from '@caretab/sandbox';

export interface OutsideWorld {
  readonly acquirerUrl: string;
  readonly webhookUrl: string;
  readonly smtpUrl: string;
  stop(): Promise<void>;
}

/** Starts the sandbox acquirer, the hospitals' webhook receiver and the mail sink, each with a journal that survives a crash. */
export const startOutsideWorld = async (options: { readonly host: string; readonly firstPort: number; readonly dataDir: string; readonly acquirerSecret: string; readonly webhookKey: string }): Promise<OutsideWorld> => {
  const { host, firstPort } = options;
  const journal = (name: string): string => join(options.dataDir, 'sandbox', `${name}.jsonl`);
  const acquirer = await startAcquirer({ host, port: firstPort, secret: options.acquirerSecret, journalFile: journal('acquirer') });
  const webhooks = await startWebhookReceiver({ host, port: firstPort + 1, journalFile: journal('webhooks'), secretOf: institutionSecrets(options.webhookKey) });
  const mail = await startMailSink({ host, port: firstPort + 2, journalFile: journal('mail') });
  return {
    acquirerUrl: acquirer.url,
    webhookUrl: `${webhooks.url}/hooks`,
    smtpUrl: mail.url,
    stop: async () => void (await Promise.all([acquirer.stop(), webhooks.stop(), mail.stop()])),
  };
};
