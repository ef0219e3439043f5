import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adjudication } from '@caretab/adjudication';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import { credit } from '@caretab/credit';
import { gateway } from '@caretab/gateway';
import { identity } from '@caretab/identity';
import { notification } from '@caretab/notification';
import { payment } from '@caretab/payment';
import {
  BootConfig,
  ChassisConfig,
  ConfigError,
  parseBootConfig,
  parseChassisConfig,
  parseConfig,
  type ServiceDefinition,
} from '@caretab/host';
import { visitLedger } from '@caretab/visit-ledger';
import { ROOT } from './manifest';

export type Variables = Readonly<Record<string, string>>;

export const services: readonly ServiceDefinition<any>[] = [
  identity,
  credit,
  adjudication,
  visitLedger,
  payment,
  notification,
  gateway,
];
export const serviceNames: readonly string[] = services.map(({ name }) => name);

/** Topic → partitions. */
export const partitionsOf = new Map(
  topicsFor(payerIds).map(({ name, partitions }) => [name, partitions]),
);

/** Read by a service's main.ts, before there is any configuration. */
const MAIN_READS = /process\.env\['([A-Z_]+)'\]/g;

/**
 * What the code of a service has against an environment: what it would say at its start, and the
 * variables that it would never read.
 */
export const environmentFaults = (service: ServiceDefinition<any>, env: Variables): string[] => {
  const main = [
    ...readFileSync(join(ROOT, 'services', service.name, 'src/main.ts'), 'utf8').matchAll(
      MAIN_READS,
    ),
  ].map(([, name]) => name!);
  const known = new Set(
    [BootConfig, ChassisConfig, service.config]
      .flatMap(({ properties }) => Object.keys(properties))
      .concat(main),
  );
  const unknown = Object.keys(env)
    .filter((name) => !known.has(name))
    .map((name) => `${service.name}: ${name} is read by nobody`);
  const refused = [
    () => parseBootConfig(service.name, env),
    () => parseChassisConfig(env),
    () => parseConfig(service.name, service.config, env),
  ].flatMap((parse) => {
    try {
      parse();
      return [];
    } catch (error) {
      if (error instanceof ConfigError)
        return error.faults.map((fault) => `${service.name}: ${fault}`);
      throw error;
    }
  });
  return [...unknown, ...new Set(refused)];
};

type Callable = new (...parts: never[]) => object;

const exportsUnder = (folder: string, suffix: string): Callable[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    // A door is no export of its workspace; what its decorators say is exactly what is wanted here.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    .flatMap((file) => Object.values(require(join(ROOT, folder, file)) as object))
    .filter((exported): exported is Callable => typeof exported === 'function');

/** Getters are left alone: they want an instance. */
const methodsOf = ({ prototype }: Callable): object[] =>
  Object.values(Object.getOwnPropertyDescriptors(prototype as object))
    .map(({ value }) => value as unknown)
    .filter((value): value is object => typeof value === 'function');

export interface ConsumerGroup {
  readonly group: string;
  readonly topic: string;
}

/** The groups in which a service consumes, from the decorators of its consumers. */
export const groupsOf = (service: string): ConsumerGroup[] =>
  exportsUnder(`services/${service}/src`, '.consumer.ts')
    .flatMap(methodsOf)
    .flatMap(
      (method) =>
        (Reflect.getMetadata('microservices:pattern', method) as
          readonly ConsumerGroup[] | undefined) ?? [],
    )
    // What is prepared for is consumed by another method.
    .filter((pattern) => !('prepares' in pattern));

/** The routes below a folder, from the decorators of its controllers: `/health/live`. */
export const routesUnder = (folder: string): string[] =>
  exportsUnder(folder, '.controller.ts').flatMap((controller) =>
    methodsOf(controller)
      .filter((method) => Reflect.hasMetadata('method', method))
      .map(
        (method) =>
          `/${[Reflect.getMetadata('path', controller), Reflect.getMetadata('path', method)]
            .map((part: string) => part.replace(/^\/|\/$/g, ''))
            .filter(Boolean)
            .join('/')}`,
      ),
  );
