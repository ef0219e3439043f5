import type { ServiceTokens } from '@caretab/access';
import { AgreementDay, AgreementVisits, type Route } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { TSchema } from '@sinclair/typebox';
import { boundedText } from '../bounded-text';
import { checkOf } from '../valid';
import type { AgreementSide } from './side';

export interface NeighbourOptions {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** The name of the service that answers there. */
  readonly asked: string;
  readonly tokens: ServiceTokens;
  readonly fetch: typeof globalThis.fetch;
  readonly routes: { readonly agreementDay: Route; readonly agreementVisits: Route };
}

/** The digests of a day are read from all its visits. */
const TIMEOUT_MS = 30_000;
/** A page of 500 visits with their payers. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

const checkDay = checkOf(AgreementDay);
const checkVisits = checkOf(AgreementVisits);

/** A neighbour's side over HTTP. Throws NEIGHBOUR_UNAVAILABLE (unavailable). */
export class NeighbourSide implements AgreementSide {
  constructor(private readonly options: NeighbourOptions) {}

  day(day: string): Promise<AgreementDay> {
    const path = this.options.routes.agreementDay.path.replace('{day}', day);
    return this.get<typeof AgreementDay>(path, checkDay);
  }

  visits(day: string, buckets: readonly number[], after?: string): Promise<AgreementVisits> {
    const path = this.options.routes.agreementVisits.path.replace('{day}', day);
    const query = new URLSearchParams({ buckets: buckets.join(',') });
    if (after !== undefined) query.set('after', after);
    return this.get<typeof AgreementVisits>(`${path}?${query.toString()}`, checkVisits);
  }

  private async get<Schema extends TSchema>(
    path: string,
    check: (value: unknown) => readonly unknown[],
  ): Promise<Schema['static']> {
    const { url, asked, tokens, fetch } = this.options;
    const unavailable = (why: string): DomainError =>
      new DomainError('NEIGHBOUR_UNAVAILABLE', 'unavailable', { path, why });
    let answer: { readonly status: number; readonly text: string };
    try {
      const response = await fetch(`${url}${path}`, {
        method: 'GET',
        headers: { authorization: tokens.authorization(asked) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      answer = { status: response.status, text: await boundedText(response, ANSWER_BYTES_MAX) };
    } catch (error) {
      throw Object.assign(unavailable('it does not answer'), { cause: error });
    }
    if (answer.status !== 200) throw unavailable(`it answers ${answer.status}`);
    const value = jsonOf(answer.text);
    if (check(value).length > 0) throw unavailable('its answer is not what was asked for');
    return value as Schema['static'];
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
