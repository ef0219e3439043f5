export * from './pg-bus';
