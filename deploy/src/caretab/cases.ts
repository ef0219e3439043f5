import { paymentRoutes as routes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { FEN_MAX } from '@caretab/kernel';
import { type Command, type Print, printJson } from './command';
import {
  addressHelp,
  addressOptions,
  approvalHelp,
  approvalOptions,
  type Platform,
  platformOf,
} from './platform';

const RESOLUTIONS = [
  ...(['other-account', 'cash', 'transfer', 'made', 'not-made'] as const),
  ...(['noted', 'won', 'lost', 'theirs', 'not-theirs', 'released', 'refused'] as const),
] as const;
const KINDS = [
  'order',
  'refund',
  'statement-row',
  'presence',
  'risk',
  'payout',
  'bank-entry',
  'difference',
] as const;
const OUTCOMES = ['captured', 'failed'] as const;

const HELP = `caretab cases list                    orders, refunds and statement rows to look at, oldest first
caretab cases show <id>               what was asked, what was answered
caretab cases own <id> --by NAME      give it an owner
caretab cases retry <id>              send a refused refund once more
caretab cases resolve <id> --as R     end it by evidence; needs two persons (a chargeback: won or lost;
                                      a denied visit: theirs or not-theirs; a held debit:
                                      released or refused)
caretab cases inquire <order id>      ask the bank for an order now
caretab cases declare <order id> --as captured|failed
                                      end an order in doubt by evidence; needs two persons
  --as R            resolve: ${RESOLUTIONS.join(', ')}
  --by NAME         own: the owner
  --evidence TEXT   reference of the receipt or the bank's letter
  --channel C, --token T              resolve --as other-account: the account, if not the bound one
  --at T            when it was paid or captured: 2026-03-02T09:00:00+08:00
  --amount-fen N, --reference R       declare --as captured: what was captured, and the bank's reference
  --visit ID        list: only that visit's
  --kind K          list: only order, refund, statement-row (chargebacks among them),
                    presence, risk, payout, bank-entry or difference
  --status S        list: open (default) or closed
${approvalHelp}
${addressHelp}
  --json            list: for other programs`;

type Run = (platform: Platform, id: string, given: CommandLine) => Promise<unknown>;

const needed = (given: CommandLine, name: string): string => {
  const value = given.value(name);
  if (value === undefined) throw given.wrong(`It needs ${name}`);
  return value;
};

const decisionOf = (given: CommandLine): { readonly evidence: string } => ({
  evidence: needed(given, '--evidence'),
});

const captureOf = (
  given: CommandLine,
): {
  readonly amountFen: number;
  readonly channelReference: string;
  readonly capturedAt: string;
} => {
  needed(given, '--amount-fen');
  return {
    amountFen: given.whole('--amount-fen', { min: 1, max: FEN_MAX })!,
    channelReference: needed(given, '--reference'),
    capturedAt: needed(given, '--at'),
  };
};

const VERBS: Readonly<Record<string, Run>> = {
  show: (platform, caseId) => platform.ask(routes.showCase, { params: { caseId } }),
  own: (platform, caseId, given) =>
    platform.ask(routes.ownCase, { params: { caseId }, body: { owner: needed(given, '--by') } }),
  retry: (platform, caseId) => platform.ask(routes.retryCase, { params: { caseId } }),
  resolve: (platform, caseId, given) => {
    needed(given, '--as');
    return platform.ask(routes.resolveCase, {
      params: { caseId },
      approval: given.value('--approval'),
      body: {
        ...decisionOf(given),
        resolution: given.oneOf('--as', RESOLUTIONS)!,
        paidAt: given.value('--at'),
        channel: given.value('--channel'),
        token: given.value('--token'),
      },
    });
  },
  inquire: (platform, orderId) => platform.ask(routes.inquire, { params: { orderId } }),
  declare: (platform, orderId, given) => {
    needed(given, '--as');
    const outcome = given.oneOf('--as', OUTCOMES)!;
    const body = { ...decisionOf(given), outcome, ...(outcome === 'captured' && captureOf(given)) };
    const approval = given.value('--approval');
    return platform.ask(routes.declare, { params: { orderId }, body, approval });
  },
};

/** Money under an operator's hands. Runbook: docs/runbooks/payment-cases.md. */
export const cases: Command = {
  name: 'cases',
  what: 'orders and refunds in doubt or refused: list, show, own, retry, end by evidence',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [
        ...['--as', '--by', '--evidence', '--channel', '--token', '--at', ...approvalOptions],
        ...['--amount-fen', '--reference', '--visit', '--status', '--kind', ...addressOptions],
      ],
      positionalsMax: 2,
    });
    const [verb, id] = given.positionals;
    if (verb === 'list') return list(platformOf(given), given, print);
    const run = verb === undefined ? undefined : VERBS[verb];
    if (!run)
      throw given.wrong(verb === undefined ? 'It takes a verb' : `There is no verb ${verb}`);
    if (id === undefined) throw given.wrong(`${verb} takes an id`);
    printJson(await run(platformOf(given), id, given), print);
    return 0;
  },
};

/** All pages, a row as it comes. */
const list = async (platform: Platform, given: CommandLine, print: Print): Promise<number> => {
  const status = given.oneOf('--status', ['open', 'closed']) ?? 'open';
  const kind = given.oneOf('--kind', KINDS);
  let after: string | undefined;
  let count = 0;
  do {
    const page = await platform.ask(routes.listCases, {
      query: { visitId: given.value('--visit'), status, after },
    });
    const found = page.cases.filter((one) => kind === undefined || one.kind === kind);
    for (const one of found)
      if (given.has('--json')) print(JSON.stringify(one));
      else
        print(
          `${one.caseId}  ${one.kind}  ${one.visitId ?? '-'}  ${one.amountFen} fen  ${one.reason}  ` +
            `${String(one.openedAt)}  ${one.owner}`,
        );
    count += found.length;
    after = page.next;
  } while (after !== undefined);
  if (!given.has('--json')) print(`${count} ${status}`);
  return 0;
};
