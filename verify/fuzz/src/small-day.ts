import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SampleCitizen, Samples } from '@caretab/deploy';

interface Line {
  readonly credential?: { readonly value: string };
}

/**
 * The first visits of a sample day, with the citizens who are in them: enough of every kind of
 * message to take apart, in a few seconds. Writes it as a sample day of its own into `folder`, and
 * resolves to that folder.
 */
export const smallDay = (samplesDir: string, folder: string, messagesMax: number): string => {
  const samples = new Samples(samplesDir);
  const put = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const citizens = samples.citizens();
  const idNumbers = new Set(citizens.map(({ idNumber }) => idNumber));
  const hl7 = samples
    .hl7('day', 'HZ001')
    .filter((_, index, all) => index < messagesMax || index >= all.length - 12);
  const requests = samples.lines<object>('day', 'HZ002').slice(0, messagesMax);
  const events = samples
    .lines<Line>('day', 'HZ003')
    .slice(0, messagesMax)
    .filter(({ credential }) => !credential || idNumbers.has(credential.value));
  const text = `${Buffer.concat(hl7).toString('latin1')}${JSON.stringify(requests)}${JSON.stringify(events)}`;
  const named = citizens.filter(({ idNumber }) => text.includes(idNumber));
  const guardians = new Set(named.map(({ guardian }) => guardian));
  const wanted: SampleCitizen[] = citizens.filter(
    (citizen) => named.includes(citizen) || guardians.has(citizen.citizen),
  );
  put('setup/institutions.json', JSON.stringify(samples.institutions()));
  put('setup/citizens.json', JSON.stringify(wanted));
  put(
    'expectations.json',
    JSON.stringify({ ...samples.expectations(), refused: [], parked: [], visits: [] }),
  );
  put(
    'day/HZ001/day.hl7',
    Buffer.from(
      hl7.map((message) => message.toString('latin1').replaceAll('\r', '\n')).join('\n\n'),
      'latin1',
    ),
  );
  put('day/HZ002/requests.jsonl', requests.map((line) => JSON.stringify(line)).join('\n'));
  put('day/HZ003/events.jsonl', events.map((line) => JSON.stringify(line)).join('\n'));
  return folder;
};
