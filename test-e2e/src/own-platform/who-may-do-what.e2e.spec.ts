import { Platform } from '../platform';
import { whoMayDoWhat } from '../../test/access.suite';

/** Seven services in one process. */
whoMayDoWhat('who-may-do-what', async () => {
  const platform = await Platform.start();
  return { address: platform.address, remove: () => platform.remove() };
});
