import { CommandLine, exitWith } from '@caretab/command-line';
import { repositoryRoot, textOf } from './repository';
import { type Advisories, type Licences, licenceOf, supplyFaults } from './supply-chain/faults';
import { type Lock, packagesIn } from './supply-chain/lock';
import { sbomOf } from './supply-chain/sbom';

const HELP = `node tools/dist/supply-chain.js   names each package that breaks a rule of
docs/dependencies.md (licence, hash, known weakness, reason); status 1 if there is any
  --sbom   prints the bill of materials (CycloneDX 1.6) instead`;

const json = <Value>(root: string, path: string): Value => JSON.parse(textOf(root, path)) as Value;

export const lockIn = (root: string): Lock => json(root, 'package-lock.json');
export const ownIn = (root: string): Parameters<typeof sbomOf>[1] => json(root, 'package.json');

/** What the lock is held to. */
export const heldIn = (root: string): Parameters<typeof supplyFaults>[1] => ({
  licences: json<Licences>(root, 'tools/data/licences.json'),
  advisories: json<Advisories>(root, 'tools/data/advisories.json'),
  document: textOf(root, 'docs/dependencies.md'),
});

/** Names each fault of what `root` installs; the status of the process. */
const judge = (root: string, say: (line: string) => void): number => {
  const [lock, held] = [lockIn(root), heldIn(root)];
  const faults = supplyFaults(lock, held);
  for (const fault of faults) say(fault);
  const { length } = packagesIn(lock);
  say(
    `supply chain: ${length} packages, ${faults.length} faults; ` +
      `known weaknesses as of ${held.advisories.lookedAt}`,
  );
  return faults.length === 0 ? 0 : 1;
};

if (require.main === module)
  void exitWith(() => {
    const given = new CommandLine(process.argv.slice(2), { help: HELP, flags: ['--sbom'] });
    if (!given.has('--sbom')) return judge(repositoryRoot, console.log);
    const named = licenceOf(heldIn(repositoryRoot).licences);
    const bom = sbomOf(lockIn(repositoryRoot), ownIn(repositoryRoot), named);
    console.log(JSON.stringify(bom, null, 2));
    return 0;
  });
