import { baseName, type Fault, isCode, isTest, type Rule } from './tree';

const CLASS = /^export class ([A-Za-z]+)(\d{13})\b/m;

const faultIn = (file: string, text: string): string | undefined => {
  const [, owner] = /([^/]+)\/src\/migrations\//.exec(file) ?? [];
  if (!new RegExp(`^${owner}-[1-9]\\d*\\.ts$`).test(baseName(file)))
    return `a migration of ${owner} is called ${owner}-1.ts, ${owner}-2.ts and so on`;
  if (!CLASS.test(text)) return 'the class of a migration ends in 13 digits, which order it';
  return /\bname = /.test(text)
    ? 'the class name is what the table of migrations records; it has no other'
    : undefined;
};

const numberOf = (file: string): number => Number(/-(\d+)\.ts$/.exec(file)?.[1] ?? 0);

/**
 * Files of migrations are `<package>-<n>.ts`, classes `<Words><13 digits>`; the digits rise with n.
 * TypeORM records the class name, so a released class keeps its own.
 */
export const migrationNames: Rule = ({ texts }) => {
  const migrations = [...texts]
    .filter(([file]) => /\/src\/migrations\/[^/]+\.ts$/.test(file))
    .filter(([file]) => isCode(file) && !isTest(file))
    .sort(([one], [other]) => numberOf(one) - numberOf(other));
  const latest = new Map<string, number>();
  return migrations.flatMap(([file, text]): Fault[] => {
    const folder = file.slice(0, file.lastIndexOf('/'));
    const time = Number(CLASS.exec(text)?.[2] ?? 0);
    const isLate = time <= (latest.get(folder) ?? 0);
    latest.set(folder, time);
    const why =
      faultIn(file, text) ?? (isLate ? 'it runs before the migration with the lower number' : '');
    return why ? [{ file, line: 1, why, todo: 'Name it as docs/style.md says.' }] : [];
  });
};
