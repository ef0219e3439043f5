// What both examples need of the AsyncAPI document and of Kafka. Nothing of the platform's own code
// is used.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Ajv from 'ajv/dist/2020.js';
import { Kafka, logLevel } from 'kafkajs';
import { parse } from 'yaml';

const document = parse(
  readFileSync(new URL('../generated/asyncapi.yaml', import.meta.url), 'utf8'),
);
const ajv = new Ajv({ strict: false, validateFormats: false });

/**
 * A channel's address, and a check for each of its messages: `check('SettlementPosted', data)`
 * gives the faults, none if it is sound.
 */
export const channel = (name, parameters = {}) => {
  const { address, messages } = document.channels[name];
  const checks = Object.fromEntries(
    Object.keys(messages).map((type) => [
      type,
      ajv.compile(document.components.messages[`${name}.${type}`].payload.schema),
    ]),
  );
  return {
    topic: address.replace(/\{(\w+)\}/g, (_, parameter) => parameters[parameter]),
    knows: (type) => type in checks,
    check: (type, data) =>
      checks[type](data)
        ? []
        : checks[type].errors.map(
            ({ instancePath, message }) => `${instancePath || '/'} ${message}`,
          ),
  };
};

/**
 * TLS and SASL come from the environment, because a password on a command line is seen by everybody
 * on the machine.
 */
export const connect = (brokers, clientId) => {
  const {
    KAFKA_SSL,
    KAFKA_SASL_MECHANISM = 'scram-sha-512',
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = process.env;
  return new Kafka({
    clientId,
    brokers: brokers.split(','),
    ssl: KAFKA_SSL === 'true',
    logLevel: logLevel.NOTHING,
    ...(username && { sasl: { mechanism: KAFKA_SASL_MECHANISM, username, password } }),
    retry: { retries: 5 },
  });
};

/** Reads the options, all texts; a missing one ends the program with a line that says which. */
export const options = (help, required, optional = {}) => {
  const names = [...required, ...Object.keys(optional)];
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        help: { type: 'boolean' },
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
      },
    }));
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const missing = required.filter((name) => !values[name]);
  if (missing.length > 0) {
    console.error(`${missing.map((name) => `--${name}`).join(', ')} missing.\n\n${help}`);
    process.exit(2);
  }
  return { ...optional, ...values };
};

/** One line for what went wrong, and status 1. */
export const fail = (error) => {
  const isUnreachable = ['KafkaJSConnectionError', 'KafkaJSNumberOfRetriesExceeded'].includes(
    error.name,
  );
  const why = isUnreachable
    ? `No broker answers (${error.message}). Is the address right, and TLS?`
    : error.message;
  console.error(`✗ ${why}`);
  process.exit(1);
};
