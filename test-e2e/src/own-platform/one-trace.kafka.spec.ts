import { Cluster } from '../cluster';
import { oneTrace, settingsFor } from '../../test/one-trace.suite';

/** A process per service over Kafka: every edge of the graph is one between processes. */
oneTrace(
  async (receiver) => {
    const cluster = await Cluster.start(settingsFor(receiver));
    return { address: cluster.address, log: () => cluster.log, remove: () => cluster.remove() };
  },
  { perProcess: true },
);
