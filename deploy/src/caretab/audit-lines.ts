import type { AccessRecordShown } from '@caretab/host';

/** One record of a service, as it is exported. */
export type Exported = AccessRecordShown & { readonly service: string };

/** RFC 5424: `log audit`. */
const FACILITY = 13;
const [WARNING, INFORMATIONAL] = [4, 6];
const SEVERITIES = 8;
const MSGID_MAX = 32;
/** The enterprise number of examples (RFC 5612): receivers know the element by its name. */
const ELEMENT = 'access@32473';

const escaped = (text: string): string => text.replace(/["\\\]]/g, (found) => `\\${found}`);

/** A record as a syslog message of RFC 5424; what it says is in its structured data. */
export const syslogOf = ({ service, ...record }: Exported, host: string): string => {
  const severity = record.outcome === 'refused' ? WARNING : INFORMATIONAL;
  const data = Object.entries({ service, ...record })
    .filter(([name]) => name !== 'at')
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  return [
    `<${FACILITY * SEVERITIES + severity}>1`,
    ...[new Date(record.at).toISOString(), host, 'caretab', service],
    record.action.slice(0, MSGID_MAX),
    `[${ELEMENT}${data.join('')}]`,
  ].join(' ');
};

/** What exported records say against themselves; the first hundred. */
export const faultsIn = (
  records: readonly Exported[],
  hashOf: (record: AccessRecordShown) => string,
): readonly string[] => {
  const faults: string[] = [];
  records.forEach(({ service, ...record }, index) => {
    const at = `${service}/${record.position}`;
    const before = records[index - 1];
    if (hashOf(record) !== record.hash) faults.push(`${at} is another than its hash says`);
    if (!before) return;
    if (record.position !== before.position + 1) faults.push(`records before ${at} are missing`);
    else if (record.previous !== before.hash) faults.push(`${at} does not follow the one before`);
  });
  return faults.slice(0, 100);
};
