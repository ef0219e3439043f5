export * from './pg-event-store';
export * from './pg-schema';
