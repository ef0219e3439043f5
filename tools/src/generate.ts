import { payerIds } from '@caretab/benefits';
import { CommandLine, exitWith } from '@caretab/command-line';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { accessDocument, accessPath } from './access';
import { asyncapiPath, asyncapiText, type Examples, examplesPath } from './asyncapi';
import { catalogue, errorUses } from './catalogue';
import {
  errorCodesModule,
  errorCodesPath,
  errorFaults,
  errorsDocument,
  errorsPath,
  eventsDocument,
  eventsPath,
  type Meanings,
  meaningsPath,
  remediesModule,
  remediesPath,
} from './documents';
import { documentSchemas, schemaFiles, schemaFolder } from './json-schemas';
import { kafkaUsers, kafkaUsersPath, kafkaUsersText } from './kafka-users';
import { planFactsDocument, planFactsPath, planSchemaFiles } from './plan-schemas';
import { openapiPath, openapiText } from './openapi';
import { filesUnder, repositoryRoot, textOf, workspacesOf } from './repository';
import { architecturePath, roomsOf, withPicture } from './rooms';
import { readTree } from './tidy/tree';

/** Path → text of every generated file, and what keeps them from being complete. */
export const generated = (
  root: string,
): { readonly files: ReadonlyMap<string, string>; readonly faults: readonly string[] } => {
  const topics = catalogue(root);
  const uses = errorUses(root);
  const meanings = existsSync(join(root, meaningsPath))
    ? (JSON.parse(textOf(root, meaningsPath)) as Meanings)
    : {};
  const { version } = JSON.parse(textOf(root, 'package.json')) as { version: string };
  const files = new Map([
    ...schemaFiles(topics),
    ...documentSchemas,
    ...planSchemaFiles(),
    [
      asyncapiPath,
      asyncapiText(topics, version, JSON.parse(textOf(root, examplesPath)) as Examples),
    ],
    [kafkaUsersPath, kafkaUsersText(kafkaUsers(topics, { services: servicesOf(root), payerIds }))],
    [openapiPath, openapiText(version)],
    [errorCodesPath, errorCodesModule(uses)],
    [accessPath, accessDocument(topics)],
    [eventsPath, eventsDocument(topics)],
    [planFactsPath, planFactsDocument()],
    [remediesPath, remediesModule(uses, meanings)],
    [errorsPath, errorsDocument(uses, meanings)],
    [
      architecturePath,
      withPicture(textOf(root, architecturePath), roomsOf(readTree(root), foldersOf(root))),
    ],
  ]);
  return { files, faults: errorFaults(uses, meanings) };
};

const servicesOf = (root: string): string[] =>
  foldersOf(root).flatMap((folder) => /^services\/([^/]+)$/.exec(folder)?.[1] ?? []);

const foldersOf = (root: string): readonly string[] =>
  workspacesOf(root).map(({ folder }) => folder);

/** Files that differ from what would be generated now, and files nothing generates any more. */
export const staleFiles = (
  root: string,
  files: ReadonlyMap<string, string>,
): { readonly differing: readonly string[]; readonly orphaned: readonly string[] } => ({
  differing: [...files]
    .filter(([path, text]) => !existsSync(join(root, path)) || textOf(root, path) !== text)
    .map(([path]) => path),
  orphaned: filesUnder(root, schemaFolder).filter((path) => !files.has(path)),
});

const write = (root: string, path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** `generate` writes what is stale; `generate --check` only says so. Returns the exit status. */
export const run = (root: string, checkOnly: boolean, say: (line: string) => void): number => {
  const { files, faults } = generated(root);
  const { differing, orphaned } = staleFiles(root, files);
  for (const fault of faults) say(fault);
  if (checkOnly) {
    for (const path of differing)
      say(
        `${path}:1: stale: the code says something else by now. Run npm run generate and commit the result.`,
      );
    for (const path of orphaned)
      say(
        `${path}:1: nothing generates this any more. Run npm run generate and commit the result.`,
      );
    return faults.length + differing.length + orphaned.length > 0 ? 1 : 0;
  }
  for (const path of differing) write(root, path, files.get(path)!);
  for (const path of orphaned) rmSync(join(root, path));
  say(
    `generated ${files.size} files: ${differing.length} written, ${orphaned.length} removed, ${faults.length} faults`,
  );
  return faults.length > 0 ? 1 : 0;
};

const HELP = `npm run generate                      writes what is generated from the code and is stale
node tools/dist/generate.js --check   names what is stale and writes nothing; status 1 if there is any`;

if (require.main === module)
  void exitWith(() => {
    const given = new CommandLine(process.argv.slice(2), { help: HELP, flags: ['--check'] });
    return run(repositoryRoot, given.has('--check'), (line) => console.log(line));
  });
