import { CannotStart } from '@caretab/kernel';
import { kafkaErrorType } from './kafka-client';

const RIGHTS = '`npm run --silent caretab -- grants kafka` prints the ACLs of each service';

/** An error and what caused it. */
const chainOf = (
  error: unknown,
): readonly { readonly name: string; readonly message: string }[] => {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  return chain;
};

const isNamed = (error: unknown, name: string): boolean =>
  chainOf(error).some((each) => each.name === name);

type SignIn = { readonly mechanism: string; readonly username?: unknown } | undefined;

const userOf = (sasl: SignIn): string =>
  typeof sasl?.username === 'string' ? `the user ${sasl.username}` : 'this client';

/** Which right is missing, and what prints it; undefined for any other error. */
export const rightsRefused = (error: unknown, sasl: SignIn, on?: string): Error | undefined => {
  const type = kafkaErrorType(error) ?? '';
  // kafkajs does not say why: a young cluster has none yet, which is no reason not to start.
  if (isNamed(error, 'KafkaJSGroupCoordinatorNotFound'))
    return new Error(
      `KAFKA_BROKERS: Kafka names ${userOf(sasl)} no coordinator of ${on ?? 'a group'}: brokers are ` +
        `still starting, or ACLs are missing: ${RIGHTS}`,
      { cause: error },
    );
  if (!type.endsWith('_AUTHORIZATION_FAILED')) return undefined;
  return new CannotStart(
    `KAFKA_BROKERS: Kafka lacks ACLs for ${userOf(sasl)}${on ? ` on ${on}` : ''} (${type}): ${RIGHTS}`,
    { cause: error },
  );
};

/**
 * Why Kafka does not let us in, in a sentence with its remedy; any other error as it is. kafkajs says
 * some of it by the name of an error alone.
 */
export const kafkaRefused = (error: unknown, sasl?: SignIn): unknown => {
  if (error instanceof CannotStart) return error;
  const chain = chainOf(error);
  const said = chain.map(({ message }) => message).join(' ');
  const user = userOf(sasl);
  const refused = (sentence: string): CannotStart => new CannotStart(sentence, { cause: error });
  const rights = rightsRefused(error, sasl);
  if (rights) return rights;
  if (chain.some(({ name }) => name.startsWith('KafkaJSSASL')))
    return refused(
      `KAFKA_SASL_USERNAME: Kafka does not let ${user} in by ${sasl?.mechanism ?? 'SASL'}: correct the ` +
        'password or the mechanism, or make the user there',
    );
  if (/certificate/i.test(said))
    return refused(
      'KAFKA_SSL: the certificate of a broker is not trusted: name the authority by Node’s own ' +
        'variable NODE_EXTRA_CA_CERTS',
    );
  if (chain.some(({ name }) => name === 'KafkaJSConnectionError'))
    return refused(
      `KAFKA_BROKERS: no broker answers as it should (${chain.at(-1)!.message}): start it, correct the ` +
        'address, or set KAFKA_SSL as the listener has it',
    );
  return error;
};
