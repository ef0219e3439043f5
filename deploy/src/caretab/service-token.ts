import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE, ServiceTokens } from '@caretab/access';
import { readSigningKeys } from '@caretab/bus';
import { systemClock } from '@caretab/kernel';
import { dataDir } from './operator-key';
import { Refused } from './platform';

/** A token of a service of the platform on this machine, by the key in its data folder. */
export const serviceTokenOf = ({
  service,
  asked,
  institution,
}: {
  readonly service: string;
  readonly asked: string;
  readonly institution: string | undefined;
}): string => {
  const file = join(dataDir(), 'secrets.json');
  if (!existsSync(file))
    throw new Refused(`no keys of services are known here: there is no ${file}`);
  const { BUS_SIGNING_KEYS: keys = '{}' } = JSON.parse(readFileSync(file, 'utf8')) as Readonly<
    Record<string, string>
  >;
  const key = readSigningKeys(keys).get(`${SERVICE}${service}`);
  if (!key) throw new Refused(`${file} has no key of ${service}`);
  const tokens = new ServiceTokens({ key: () => key, clock: systemClock });
  const hospital = institution && {
    id: `hospital/${institution}`,
    roles: [{ kind: 'HospitalSystem' as const, institution }],
    hasSecondFactor: false,
  };
  return tokens.authorization(asked, hospital || undefined).slice('Bearer '.length);
};
