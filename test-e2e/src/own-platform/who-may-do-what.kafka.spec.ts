import { Cluster } from '../cluster';
import { whoMayDoWhat } from '../../test/access.suite';

/** A process per service: each decides alone. */
whoMayDoWhat('who-may-do-what-on-a-cluster', async () => {
  const cluster = await Cluster.start();
  return { address: cluster.address, remove: () => cluster.remove() };
});
