import { Usage } from '@caretab/command-line';
import { adjudicateCommand } from './adjudicate';
import { approvals } from './approvals';
import { audit } from './audit';
import { auth } from './auth';
import { cardFile } from './card-file';
import { cases } from './cases';
import { compareRows } from './compare-rows';
import type { Command, Print } from './command';
import { differences, publishAgain } from './differences';
import { prove, verify } from './event-proof';
import { grants } from './grants';
import { holders } from './holders';
import { keys } from './keys';
import { parked } from './parked';
import { payouts } from './payouts';
import { planCommand } from './plan';
import { positions } from './positions';
import { programs } from './programs';
import { quarantine } from './quarantine';
import { signIn, signOutCommand } from './sign-in';
import { checkConsents } from './signed-consents';
import { staff } from './staff';
import { setAside } from './set-aside';
import { statements } from './statements';
import { status } from './status';
import { visit } from './visit';
import { webhooks } from './webhooks';
import { whatIf } from './what-if';

/** Commands on a running platform. */
export const operatorCommands: readonly Command[] = [
  status,
  visit,
  prove,
  verify,
  parked,
  quarantine,
  webhooks,
  differences,
  positions,
  setAside,
  publishAgain,
  cases,
  cardFile,
  statements,
  whatIf,
  payouts,
  holders,
  signIn,
  signOutCommand,
  staff,
  keys,
  approvals,
  audit,
  auth,
];

/** Commands that need no platform. */
const offlineCommands: readonly Command[] = [
  adjudicateCommand,
  planCommand,
  checkConsents,
  grants,
  compareRows,
];

const rows = (commands: readonly Command[]): string =>
  commands.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n');

/** What `caretab --help` prints. */
export const HELP = `npm run caretab -- <command> [options]

On a running platform:
${rows(operatorCommands)}

Without a platform:
${rows(offlineCommands)}

Programs:
${rows(programs)}

Each command explains itself: npm run caretab -- <command> --help`;

/** Runs one command; resolves to its exit status. Throws Usage where there is no such command. */
export const caretab = async (args: readonly string[], print: Print): Promise<number> => {
  const [name, ...rest] = args;
  if (name === undefined) throw new Usage(`Which command?\n\n${HELP}`, 2);
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0))
    throw new Usage(HELP, 0);
  if (name === 'help') return caretab([rest[0]!, '--help'], print);
  const command = [...operatorCommands, ...offlineCommands, ...programs].find(
    (known) => known.name === name,
  );
  if (!command) throw new Usage(`There is no command ${name}.\n\n${HELP}`, 2);
  return command.run(rest, print);
};
