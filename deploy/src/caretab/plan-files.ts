import { readFileSync } from 'node:fs';
import {
  type Catalogue,
  CatalogueFile,
  catalogueOf,
  NotTaken,
  overlapping,
  type Plan,
  readCoordination,
  readFile,
  readPlan,
  oneAfterTheOther,
  type Rules,
} from '@caretab/plans';
import { Refused } from './platform';

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refused(`${file} cannot be read: ${(error as Error).message}`);
  }
};

/** Runs what reads files; of a file that is not taken all faults are printed. */
export const taken = <Result>(read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotTaken) throw new Refused(error.message);
    throw error;
  }
};

/** A file of a form. Throws Refused. */
export const fileOf = <Form>(schema: Parameters<typeof readFile>[0], file: string): Form =>
  taken(() => readFile<Form>(schema, textOf(file), file));

/** The plans of some files. Throws Refused: one is not taken, or two are in force on one day. */
export const plansOf = (files: readonly string[]): readonly Plan[] =>
  taken(() => {
    const plans = files.map((file) => readPlan(textOf(file), file));
    const findings = overlapping(plans);
    if (findings.length > 0) throw new NotTaken(files.join(', '), findings);
    return plans;
  });

/** Plans and who pays before whom: by a coordination file, or in the order of the plans. */
export const rulesOf = (files: readonly string[], coordination: string | undefined): Rules => {
  const plans = plansOf(files);
  return {
    plans,
    coordination:
      coordination === undefined
        ? oneAfterTheOther(plans.map(({ file }) => file.plan))
        : taken(() => readCoordination(textOf(coordination), coordination)),
  };
};

export const catalogueIn = (file: string | undefined): Catalogue | undefined =>
  file === undefined
    ? undefined
    : taken(() => catalogueOf(fileOf<CatalogueFile>(CatalogueFile, file), file));
