import { Platform } from '../platform';
import { oneTrace, settingsFor } from '../../test/one-trace.suite';

/** Seven services in one process; the same graph as with a process each. */
oneTrace(
  async (receiver) => {
    const platform = await Platform.start(settingsFor(receiver));
    return { address: platform.address, log: () => platform.log, remove: () => platform.remove() };
  },
  { perProcess: false },
);
