import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CommandLine } from '@caretab/command-line';
import { type Consent, consentStatement } from '@caretab/contracts';
import { isSignedBy } from '@caretab/security';
import { type Command, printTable } from './command';

const HELP = `caretab check-consents <file>    whether consents were signed as they stand there
The file is what GET /identity/persons/{personId}/consents answered. No platform is asked.`;

/** What is in the statement, by its names; undefined where it is none. */
const fieldsOf = (statement: string): ReadonlyMap<string, string> | undefined => {
  const [title, ...lines] = statement.split('\n');
  if (title !== 'caretab consent 1') return undefined;
  return new Map(lines.map((line) => line.split(': ', 2) as [string, string]));
};

/** `signed`, `unsigned`, or why the signature does not prove this consent. */
export const checkedConsent = (consent: Consent): string => {
  const { signature, ...said } = consent;
  if (!signature) return 'unsigned';
  const { keyId, algorithm, publicKey, statement, value, text } = signature;
  if (algorithm === undefined || publicKey === undefined) return 'the key was destroyed';
  const fields = fieldsOf(statement);
  const personId = fields?.get('person') ?? '';
  const byPersonId = said.byPersonId ?? personId;
  const signedAt = fields?.get('signedAt') ?? '';
  if (consentStatement({ ...said, keyId, personId, byPersonId, signedAt }) !== statement)
    return 'the statement is of another consent';
  if (text === undefined || createHash('sha256').update(text).digest('hex') !== said.hash)
    return 'the text is not the one whose hash was signed';
  const key = { algorithm, publicKey: Buffer.from(publicKey, 'base64url') };
  const isSigned = isSignedBy(key, Buffer.from(statement), Buffer.from(value, 'base64url'));
  return isSigned ? 'signed' : 'the key did not sign this statement';
};

/** Checks signed consents without the platform; nothing but the file is read. */
export const checkConsents: Command = {
  name: 'check-consents',
  what: 'checks signed consents with what was handed out alone',
  run: (args, print) => {
    const given = new CommandLine(args, { help: HELP, positionalsMax: 1 });
    const [file] = given.positionals;
    if (file === undefined) throw given.wrong('It takes a file');
    const { consents } = JSON.parse(readFileSync(file, 'utf8')) as { consents: Consent[] };
    const checked = consents.map((one) => [one, checkedConsent(one)] as const);
    const rows = checked.map(([{ purpose, given: isGiven, version, at }, what]) => [
      ...[purpose, isGiven ? 'given' : 'taken back', version, String(at), what],
    ]);
    printTable([['purpose', 'what', 'version', 'at', 'signature'], ...rows], print);
    return checked.every(([, what]) => what === 'signed' || what === 'unsigned') ? 0 : 1;
  },
};
