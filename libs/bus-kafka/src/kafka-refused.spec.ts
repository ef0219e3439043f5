import { CannotStart } from '@caretab/kernel';
import {
  KafkaJSConnectionError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { kafkaRefused } from './kafka-refused';

const SASL = { mechanism: 'scram-sha-512', username: 'credit' };
const given = (cause: Error): Error =>
  Object.assign(new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 8, retryTime: 1 }), {
    cause,
  });

test('an ACL that is missing is named, with what prints it', () => {
  const error = new KafkaJSProtocolError('Not authorized to access topics');
  const refusal = kafkaRefused(
    given(Object.assign(error, { type: 'TOPIC_AUTHORIZATION_FAILED' })),
    SASL,
  );
  expect(refusal).toBeInstanceOf(CannotStart);
  expect((refusal as Error).message).toMatch(/^KAFKA_BROKERS: .* user credit .*grants kafka/);
});

test('a broker that does not answer is named by its variable', () => {
  const refusal = kafkaRefused(
    given(new KafkaJSConnectionError('Connection error: connect ECONNREFUSED')),
  );
  expect((refusal as Error).message).toMatch(/^KAFKA_BROKERS: no broker answers .*ECONNREFUSED/);
});

test('a certificate that is not trusted is told apart', () => {
  const refusal = kafkaRefused(
    given(new KafkaJSConnectionError('self-signed certificate in certificate chain')),
  );
  expect((refusal as Error).message).toMatch(/^KAFKA_SSL: the certificate/);
});

test('a mistake of ours keeps its stack', () => {
  const ours = new TypeError('undefined is not a function');
  expect(kafkaRefused(ours)).toBe(ours);
});
