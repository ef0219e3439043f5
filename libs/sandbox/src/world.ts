import { join } from 'node:path';
import { parseConfig } from '@caretab/service';
import { startAcquirer } from './acquirer/acquirer';
import { SandboxConfig } from './config';
import { startMailSink } from './mail/mail-sink';
import { institutionSecrets } from './webhook/webhook-signature';
import { startWebhookReceiver } from './webhook/webhook-receiver';

/** The whole outside world as one process, from its environment: acquirer, webhook receiver and mail sink on three ports in a row. Throws ConfigError. */
export const startWorld = async (env: NodeJS.ProcessEnv): Promise<{ stop(): Promise<void> }> => {
  const { SANDBOX_HOST: host, SANDBOX_PORT: port, SANDBOX_DATA, PAYMENT_ACQUIRER_SECRET, NOTIFICATION_WEBHOOK_KEY } = parseConfig('sandbox', SandboxConfig, env);
  const journalFile = (name: string): string => join(SANDBOX_DATA, `${name}.jsonl`);
  const parts = [
    await startAcquirer({ host, port, secret: PAYMENT_ACQUIRER_SECRET, journalFile: journalFile('acquirer') }),
    await startWebhookReceiver({ host, port: port + 1, secretOf: institutionSecrets(NOTIFICATION_WEBHOOK_KEY), journalFile: journalFile('webhooks') }),
    await startMailSink({ host, port: port + 2, journalFile: journalFile('mail') }),
  ];
  return { stop: async () => void (await Promise.all(parts.map((part) => part.stop()))) };
};
