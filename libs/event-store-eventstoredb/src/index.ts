export * from './eventstore-db';
