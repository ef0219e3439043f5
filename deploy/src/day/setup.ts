import { type Api, ApiError, each } from '@caretab/hospital';
import type { SampleCitizen, SampleInstitution } from './samples';

const AT_ONCE = 12;

/** Another key or webhook since an earlier start: that stays, since changing it needs two persons. */
const unlessChangedSince = (error: unknown): void => {
  if (!(error instanceof ApiError) || error.code !== 'APPROVAL_NEEDED') throw error;
};

/**
 * Opens the service for the sample citizens through the platform's own doors. Everything in it may
 * be repeated.
 */
export class Setup {
  private readonly personIds = new Map<string, string>();

  constructor(
    private readonly api: Api,
    private readonly quiet: () => Promise<void>,
  ) {}

  async run(
    institutions: readonly SampleInstitution[],
    citizens: readonly SampleCitizen[],
    webhookUrl: string,
    keyOf: (institutionId: string) => string,
  ): Promise<void> {
    for (const { institutionId, name, level, interface: profile } of institutions) {
      const details = {
        ...{ name, level, webhookUrl: `${webhookUrl}/${institutionId}` },
        apiKey: keyOf(institutionId),
        ...(profile && { interface: profile }),
      };
      await this.api
        .put(`/identity/institutions/${institutionId}`, details)
        .catch(unlessChangedSince);
    }
    await each(citizens, AT_ONCE, (citizen) => this.register(citizen));
    await each(
      citizens.filter((citizen) => citizen.guardian),
      AT_ONCE,
      (child) =>
        this.api.put(`/identity/persons/${this.idOf(child.citizen)}/guardian`, {
          guardianId: this.idOf(child.guardian!),
          evidence: { kind: 'birth-certificate', reference: 'S330106-17' },
          relation: '5',
        }),
    );
    await this.quiet();
    const opening = citizens.filter((citizen) => citizen.openService);
    await each(
      opening.filter((citizen) => !citizen.guardian),
      AT_ONCE,
      (citizen) => this.open(citizen),
    );
    await each(
      opening.filter((citizen) => citizen.guardian),
      AT_ONCE,
      (child) => this.open(child),
    );
    await this.quiet();
  }

  /** The pseudonymous id of a citizen who was registered. */
  idOf(citizen: string): string {
    const personId = this.personIds.get(citizen);
    if (!personId)
      throw new Error(
        `${citizen} is named among the citizens but not listed (samples/setup/citizens.json)`,
      );
    return personId;
  }

  private async register(citizen: SampleCitizen): Promise<void> {
    const { name, idNumber, mobile, email, language, memberships, account, score } = citizen;
    const { personId } = await this.api.post<{ personId: string }>('/identity/persons', {
      name,
      idNumber,
      mobile,
      email,
    });
    this.personIds.set(citizen.citizen, personId);
    await this.api.put(`/adjudication/memberships/${personId}`, { memberships });
    await this.api.put(`/notification/preferences/${personId}`, { language, channels: ['email'] });
    if (!citizen.guardian)
      await this.api.put(`/credit/persons/${personId}/score`, {
        score,
        scoredAt: '2026-03-01T00:00:00Z',
      });
    if (account) await this.api.put(`/payment/accounts/${personId}`, account);
  }

  private async open(citizen: SampleCitizen): Promise<void> {
    const personId = this.idOf(citizen.citizen);
    await this.api.post('/credit/enrolments', { personId });
    if (citizen.freeze)
      await this.api.put(`/credit/accounts/${personId}/freeze`, { reason: citizen.freeze });
  }
}
