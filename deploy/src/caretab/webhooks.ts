import { notificationRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

const HELP = `caretab webhooks list              webhooks that did not arrive, oldest first
caretab webhooks resend            send them again, each under its own notice id; needs --from, --until
  --institution ID   only that hospital's
  --status S         pending, sending, sent, failed or skipped; without it those that did not arrive
  --from, --until T  times of the events, both included: 2026-03-02T00:00:00+08:00
${addressHelp}
  --json             list: for other programs`;

const STATUSES = ['pending', 'sending', 'sent', 'failed', 'skipped'] as const;

/** Webhooks to hospitals: list and re-send. Runbook: docs/runbooks/webhooks.md. */
export const webhooks: Command = {
  name: 'webhooks',
  what: 'webhooks to hospitals that did not arrive: list, send again',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: ['--institution', '--status', '--from', '--until', ...addressOptions],
      positionalsMax: 1,
    });
    const [verb] = given.positionals;
    if (verb === 'list') return list(platformOf(given), given, print);
    if (verb === undefined) throw given.wrong('It takes list or resend');
    if (verb !== 'resend') throw given.wrong(`There is no verb ${verb}`);
    if (given.value('--from') === undefined || given.value('--until') === undefined)
      throw given.wrong('resend needs --from and --until');
    return resend(platformOf(given), given, print);
  },
};

const rangeOf = (given: CommandLine): Readonly<Record<string, string | undefined>> => ({
  institutionId: given.value('--institution'),
  status: given.oneOf('--status', STATUSES),
  from: given.value('--from'),
  until: given.value('--until'),
});

/** All pages, a row as it comes. */
const list = async (platform: Platform, given: CommandLine, print: Print): Promise<number> => {
  let after: string | undefined;
  let count = 0;
  do {
    const page = await platform.ask(notificationRoutes.listWebhooks, {
      query: { ...rangeOf(given), after },
    });
    for (const webhook of page.webhooks)
      if (given.has('--json')) print(JSON.stringify(webhook));
      else
        print(
          `${String(webhook.occurredAt)}  ${webhook.institutionId}  ${webhook.status}  ` +
            `${webhook.type}  ${webhook.visitId ?? ''}  ${webhook.reason ?? ''}`,
        );
    count += page.webhooks.length;
    after = page.next;
  } while (after !== undefined);
  if (!given.has('--json')) print(`${count} webhooks`);
  return 0;
};

/** Page by page: what was sent again stays so, whenever this is interrupted. */
const resend = async (platform: Platform, given: CommandLine, print: Print): Promise<number> => {
  let after: string | undefined;
  let resent = 0;
  do {
    const answer = await platform.ask(notificationRoutes.resendWebhooks, {
      body: { ...rangeOf(given), after },
    });
    resent += answer.resent;
    after = answer.next;
  } while (after !== undefined);
  printJson({ resent }, print);
  return 0;
};
