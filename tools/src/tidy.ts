import { CommandLine, exitWith } from '@caretab/command-line';
import { bannedSynonyms } from './tidy/glossary-rules';
import { catalogue } from './catalogue';
import { repositoryRoot } from './repository';
import {
  capitalsExist,
  commandsExist,
  errorsListed,
  eventsListed,
  linksResolve,
  pathsExist,
} from './tidy/document-rules';
import {
  emptyNames,
  fileNames,
  fileSuffixes,
  suffixesKept,
  suitesStayInTests,
} from './tidy/name-rules';
import { declaredDependencies, oneNamePerService, serviceFiles } from './tidy/service-rules';
import { noCircles } from './tidy/circle-rules';
import { migrationNames } from './tidy/migration-rules';
import { fileSizes, rootSize } from './tidy/size-rules';
import { plainComments, plainDocuments, shortSentences } from './tidy/plain-language';
import { type Fault, readTree, type Rule, type Tree } from './tidy/tree';
import { lineWidths } from './tidy/width-rule';
import { forbiddenWords, lineEnds } from './tidy/word-rules';

/** The style guide, as far as a machine can hold it. */
export const rules = (root: string): readonly Rule[] => {
  const events = catalogue(root).flatMap((entry) =>
    Object.keys(entry.topic.events).map((event) => ({ topic: entry.address, event })),
  );
  return [
    fileSizes,
    lineWidths,
    rootSize,
    fileSuffixes,
    suffixesKept,
    fileNames,
    migrationNames,
    emptyNames,
    suitesStayInTests,
    serviceFiles,
    oneNamePerService,
    declaredDependencies,
    noCircles,
    linksResolve,
    pathsExist,
    commandsExist,
    capitalsExist,
    errorsListed,
    eventsListed(events),
    bannedSynonyms,
    forbiddenWords,
    plainComments,
    plainDocuments,
    shortSentences,
    lineEnds,
  ];
};

export const faultsOf = (tree: Tree, all: readonly Rule[]): readonly Fault[] =>
  all.flatMap((rule) => rule(tree)).sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);

export const printed = (fault: Fault): string =>
  `${fault.file}:${fault.line}: ${fault.why}. ${fault.todo}`;

const HELP =
  'node tools/dist/tidy.js   names each place that breaks a house rule; status 1 if there is any';

/** Names each fault of the repository in `root`; the status of the process. */
export const tidy = (root: string, say: (line: string) => void): number => {
  const faults = faultsOf(readTree(root), rules(root));
  for (const fault of faults) say(printed(fault));
  say(faults.length === 0 ? 'tidy: nothing to find fault with' : `tidy: ${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
};

if (require.main === module)
  void exitWith(() => {
    void new CommandLine(process.argv.slice(2), { help: HELP });
    return tidy(repositoryRoot, console.log);
  });
