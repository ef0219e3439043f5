import { parseConfig } from '@caretab/host';
import { SandboxConfig } from './config';
import { startSandboxes } from './sandboxes';

const HELP = `The outside world in small: acquirer, registries, the centre of medical security, messages and mail.
What each does, and how it is made to fail, is in deploy/sandbox/README.md. Settings:

${Object.entries(SandboxConfig.properties)
  .map(([name, { description }]) => `  ${name.padEnd(28)} ${description ?? ''}`)
  .join('\n')}
`;

const run = async (): Promise<void> => {
  if (process.argv.includes('--help')) return void process.stdout.write(HELP);
  const config = parseConfig('sandbox', SandboxConfig, process.env);
  const { SANDBOX_ANSWERS_URL: answersUrl, IDENTITY_PUBLIC_DATA_SECRET: secret } = config;
  const world = await startSandboxes({
    host: config.SANDBOX_HOST,
    firstPort: config.SANDBOX_PORT,
    journalsDir: config.SANDBOX_DATA,
    acquirerSecret: config.PAYMENT_ACQUIRER_SECRET,
    webhookKey: config.NOTIFICATION_WEBHOOK_KEY,
    sharedDataSecret: config.IDENTITY_SHARED_DATA_SECRET,
    centreSecret: config.IDENTITY_CENTRE_SECRET,
    creditPlatformSecret: config.CREDIT_SCORE_SECRET,
    bankSecret: config.CREDIT_LENDER_SECRET,
    settlementBankSecret: config.PAYMENT_BANK_SECRET,
    issuerSecret: config.IDENTITY_ISSUER_SECRET,
    publicData:
      answersUrl !== undefined && secret !== undefined ? { answersUrl, secret } : undefined,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void world.stop());
};

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'cannot start'}\n`);
  process.exitCode = 1;
});
