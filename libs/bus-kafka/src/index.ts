export * from './kafka-bus';
export type { KafkaConnection } from './kafka-client';
export * from './kafka-message';
export * from './kafka-rights';
