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

/**
 * Why Kafka does not let us in, in a sentence with its remedy; any other error as it is. kafkajs says
 * some of it by the name of an error alone.
 */
export const kafkaRefused = (
  error: unknown,
  sasl?: { readonly mechanism: string; readonly username?: unknown },
): unknown => {
  if (error instanceof CannotStart) return error;
  const chain = chainOf(error);
  const said = chain.map(({ message }) => message).join(' ');
  const user = typeof sasl?.username === 'string' ? `the user ${sasl.username}` : 'this client';
  const refused = (sentence: string): CannotStart => new CannotStart(sentence, { cause: error });
  if (/_AUTHORIZATION_FAILED$/.test(kafkaErrorType(error) ?? ''))
    return refused(
      `KAFKA_BROKERS: Kafka lacks ACLs for ${user} (${kafkaErrorType(error)}): ${RIGHTS}`,
    );
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
