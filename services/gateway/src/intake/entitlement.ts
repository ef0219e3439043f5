import { businessDateOf, type Entitlement, type InterfaceProfile } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { standingAt } from './fault';
import type { Partners } from './partners';
import type { Door, Submission } from './submission';

/** The centre's clock may be ahead of ours by so much. */
const AHEAD_MS = 5 * 60_000;

const PLACES: Readonly<Record<Door, (name: string) => string>> = {
  http: (name) => `/entitlement${name && `/${name}`}`,
  bus: (name) => `/entitlement${name && `/${name}`}`,
  mllp: (name) => `IN1${HL7[name] ?? ''}`,
};
const HL7: Readonly<Record<string, string>> = {
  ...{ certno: '-49', answeredAt: '-29', until: '-13', insuranceType: '-2' },
};

/**
 * What the centre answered, as far as it is believed: of a hospital that forwards it by its profile,
 * of the visit's person and day. Throws ENTITLEMENT_REFUSED (unprocessable), by field, and what
 * `Partners.personOf` throws of the number that the centre spoke of.
 */
export const believedEntitlement = async (
  { entitlement, door, facts, institutionId }: Submission,
  {
    profile,
    personId,
    partners,
    now,
  }: {
    readonly profile: InterfaceProfile;
    readonly personId: string | undefined;
    readonly partners: Pick<Partners, 'personOf'>;
    readonly now: Date;
  },
): Promise<Entitlement | undefined> => {
  const [fact] = facts;
  if (!entitlement || fact?.type !== 'VisitStarted') return undefined;
  const refused = (name: string, why: string, remedy: string): DomainError =>
    new DomainError('ENTITLEMENT_REFUSED', 'unprocessable', {
      ...{ field: PLACES[door](name), why, remedy },
    });
  const { certno, ...said } = entitlement;
  if (profile.entitlement !== 'forwarded')
    throw refused(
      '',
      'the profile of this institution does not say that it forwards what the centre answered',
      'leave it out, or have the operator set `entitlement` in the profile',
    );
  const day = businessDateOf(fact.startedAt);
  const answeredMs = Date.parse(said.answeredAt);
  if (businessDateOf(said.answeredAt) !== day || answeredMs > now.getTime() + AHEAD_MS)
    throw refused(
      'answeredAt',
      'the centre did not answer on the day of the visit',
      'ask 1101 and 2001 for this visit, and send that answer',
    );
  if (said.from !== undefined && said.until !== undefined && said.from > said.until)
    throw refused('until', 'it ends before it begins', 'send begndate and enddate as answered');
  // A hospital's own producer names persons by their personId, and carries no number of anyone.
  if (door === 'bus') return said;
  if (certno === undefined)
    throw refused('certno', 'nothing says whom the centre spoke of', 'send certno of 1101');
  const spokenOf = await partners
    .personOf({ type: 'id-number', value: certno }, { fresh: false, institutionId })
    .catch(standingAt(PLACES[door]('certno')));
  if (spokenOf.personId !== personId)
    throw refused(
      'certno',
      'the centre spoke of another person than the visit is for',
      'check whose answer it is; ask the centre again for this person',
    );
  return said;
};
