import type { Names } from './conditions';
import type { LayerFile } from './plan-file';
import { pointer } from './strict-json';
import {
  amountKind,
  type Band,
  bandsKind,
  rateKind,
  type Tables,
  type Value,
  valueOf,
} from './values';

/** The parts of a layer that are looked up for each claim. */
export interface Figures {
  readonly deductible: Value<number> | undefined;
  readonly times: Value<number> | undefined;
  readonly bands: Value<readonly Band[]> | undefined;
  readonly rate: Value<number> | undefined;
  readonly patientTimes: Value<number> | undefined;
  readonly plus: Value<number> | undefined;
  readonly fixed: Value<number> | undefined;
  readonly perDay: Value<number> | undefined;
  readonly caps: readonly (Value<number> | undefined)[];
}

export const figuresOf = (file: LayerFile, names: Names, tables: Tables, path: string): Figures => {
  const at = (...keys: readonly (string | number)[]) => ({
    ...{ names, tables },
    path: keys.reduce<string>((found, key) => pointer(found, key), path),
  });
  const amount = (value: unknown, ...keys: readonly (string | number)[]) =>
    value === undefined ? undefined : valueOf(amountKind, value as never, at(...keys));
  const rate = (value: unknown, key: string, ...keys: readonly string[]) =>
    value === undefined ? undefined : valueOf(rateKind, value as never, at(key, ...keys));
  return {
    deductible: amount(file.deductible?.amount, 'deductible', 'amount'),
    times: rate(file.deductible?.times, 'deductible', 'times'),
    bands:
      file.bands === undefined ? undefined : valueOf(bandsKind, file.bands as never, at('bands')),
    rate: rate(file.rate, 'rate'),
    patientTimes: rate(file.patientTimes, 'patientTimes'),
    plus: rate(file.plus, 'plus'),
    fixed: amount(file.fixed, 'fixed'),
    perDay: amount(file.perDay?.amount, 'perDay', 'amount'),
    caps: (file.caps ?? []).map((cap, index) => amount(cap.amount, 'caps', index, 'amount')),
  };
};
