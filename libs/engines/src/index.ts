export { freePort, freePorts } from './free-port';
export * from './kafka/kafka-jars';
export * from './kafka/kafka-local';
export * from './postgres/embedded';
