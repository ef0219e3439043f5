import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { asyncapiPath } from './asyncapi';
import { repositoryRoot, textOf } from './repository';

const document = parse(textOf(repositoryRoot, asyncapiPath)) as Record<string, any>;
const ajv = new Ajv({ strict: false, validateFormats: false });
const schemas = document['components'].schemas as Record<string, object>;
const messages = Object.entries<any>(document['components'].messages);
const examples = messages.flatMap(([id, message]) =>
  ((message.examples ?? []) as any[]).map((example) => [id, message, example] as const),
);

describe('whoever has the AsyncAPI document and nothing else', () => {
  test('can check every value: the schemas stand in it, and lean on nothing outside', () => {
    for (const [, message] of messages)
      expect(ajv.compile(message.payload.schema)).toBeInstanceOf(Function);
    expect(JSON.stringify(document)).not.toContain('"$ref":"./');
  });

  test('knows where to connect, how to prove who one is, and what each key and header is', () => {
    expect(document['servers'].platform).toMatchObject({
      protocol: 'kafka-secure',
      security: [{ $ref: '#/components/securitySchemes/saslScram' }],
    });
    expect(document['components'].securitySchemes.saslScram.type).toBe('scramSha512');
    for (const [, message] of messages) {
      expect(message.bindings.kafka.key).toMatchObject({
        type: 'string',
        description: expect.stringMatching(/^The field \w+ of the data$/),
      });
      expect(message.headers.allOf[0]).toEqual({ $ref: '#/components/schemas/CloudEventHeaders' });
    }
  });

  test('finds an example of everything a hospital sends and an insurer receives', () => {
    const partners = messages
      .filter(([id]) => /^(hospitalReports|insurerSettlements)\./.test(id))
      .map(([id]) => id);
    expect(partners).toHaveLength(10);
    expect(examples.map(([id]) => id)).toEqual(expect.arrayContaining(partners));
  });

  test.each(examples.map(([id, message, example]) => [id, message, example] as const))(
    'may send the example of %s as it stands',
    (_id, message, example) => {
      ajv.validate(message.payload.schema, example.payload);
      expect(ajv.errors ?? []).toEqual([]);
      ajv.validate(schemas['CloudEventHeaders']!, example.headers);
      expect(ajv.errors ?? []).toEqual([]);
      expect(example.headers.ce_type).toBe(message.name);
      const field = /The field (\w+) of/.exec(message.bindings.kafka.key.description)![1]!;
      expect(example.summary).toBe(`The message key is ${example.payload[field]}`);
      expect(example.payload[field]).toMatch(new RegExp(message.bindings.kafka.key.pattern ?? '.'));
    },
  );
});
