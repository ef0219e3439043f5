import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { accountTable } from '../account/account.table';
import type { LinePolicies } from './line-policies';

/** Open lines that have yet to follow the policy in force. */
export const linesToFollow = (store: Store, policies: LinePolicies): Promise<number> =>
  store.transact(async (transaction) => {
    const policy = await policies.inForceIn(transaction);
    return transaction
      .rows(accountTable)
      .count({ status: 'open', policyId: { in: policies.earlierThan(policy) } });
  });

/** A gauge of them, read at each scrape. */
export const observeFollowing = (store: Store, policies: LinePolicies): void => {
  meter('caretab.credit')
    .createObservableGauge('caretab.credit.lines_to_follow', {
      description: 'Open lines that have yet to follow the line policy in force',
    })
    .addCallback(async (result) => result.observe(await linesToFollow(store, policies)));
};
