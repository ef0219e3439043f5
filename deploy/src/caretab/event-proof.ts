import { readFileSync } from 'node:fs';
import { NoteRefused, openCheckpoint, readSigner, readVerifier, rootFrom } from '@caretab/anchors';
import { CommandLine } from '@caretab/command-line';
import { type RouteAnswer, visitLedgerRoutes as routes } from '@caretab/contracts';
import { chainHash, contentDigest } from '@caretab/event-store';
import { type Command, printJson, printTable } from './command';
import { addressHelp, addressOptions, platformOf } from './platform';

export type EventProof = RouteAnswer<typeof routes.eventProof>;

const PROVE_HELP = `caretab prove <visitId> <revision>    the proof of one event of a visit, as JSON
${addressHelp}`;

/** Fetches what proves one event to a reader who has the public key alone. */
export const prove: Command = {
  name: 'prove',
  what: 'the proof of one event of a visit, which is checked without the platform',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: PROVE_HELP,
      values: addressOptions,
      positionalsMax: 2,
    });
    const [visitId, revision] = given.positionals;
    if (visitId === undefined || !/^\d{1,9}$/.test(revision ?? ''))
      throw given.wrong('Which event? It takes a visitId, and a revision of its history');
    const proof = await platformOf(given).ask(routes.eventProof, { params: { visitId, revision } });
    printJson(proof, print);
    return proof.inclusion ? 0 : 1;
  },
};

/** What the proof is of, or why it proves nothing. */
export const checkedProof = (
  proof: EventProof,
  key: string,
): { readonly origin: string; readonly size: number } | { readonly why: string } => {
  const { inclusion, revision, recordedAtMs, previousHash } = proof;
  if (!inclusion) return { why: 'no anchor covered the event yet: fetch the proof again' };
  const previous = Buffer.from(previousHash, 'base64');
  const hash = chainHash(previous, contentDigest(proof), revision, recordedAtMs);
  try {
    const { origin, size, root } = openCheckpoint(inclusion.note, [readVerifier(key)]);
    const way = inclusion.way.map((node) => Buffer.from(node, 'base64'));
    const found = rootFrom(hash, { index: inclusion.index, size }, way);
    return found?.equals(root)
      ? { origin, size }
      : { why: 'the event is not the one that was anchored' };
  } catch (error) {
    if (error instanceof NoteRefused) return { why: error.message };
    throw error;
  }
};

const VERIFY_HELP = `caretab verify <file> --key KEY    whether an event is as it was anchored; asks no platform
  --key KEY        the public key of the log
caretab verify --show-key          prints the public key of VISIT_LEDGER_ANCHOR_KEY`;

/** Checks a proof of one event with a public key; nothing else is read. */
export const verify: Command = {
  name: 'verify',
  what: 'checks such a proof with the public key of the log alone',
  run: (args, print) => {
    const given = new CommandLine(args, {
      help: VERIFY_HELP,
      flags: ['--show-key'],
      values: ['--key'],
      positionalsMax: 1,
    });
    if (given.has('--show-key')) {
      const secret = process.env['VISIT_LEDGER_ANCHOR_KEY'];
      if (secret === undefined) throw given.wrong('VISIT_LEDGER_ANCHOR_KEY is not set');
      print(readSigner(secret).verifier.text);
      return 0;
    }
    const [file, key] = [given.positionals[0], given.value('--key')];
    if (file === undefined || key === undefined) throw given.wrong('It takes a file and --key');
    const proof = JSON.parse(readFileSync(file, 'utf8')) as EventProof;
    const checked = checkedProof(proof, key);
    if ('why' in checked) {
      print(`not proven: ${checked.why}`);
      return 1;
    }
    printTable(
      [
        ['proven', 'value'],
        ['log', `${checked.origin}, ${checked.size} events`],
        ['stream', `${proof.stream}, event ${proof.revision}`],
        ['type', proof.type],
        ['recorded', new Date(proof.recordedAtMs).toISOString()],
        ['data', proof.data],
      ],
      print,
    );
    return 0;
  },
};
