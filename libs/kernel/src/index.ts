export * from './decider';
export * from './errors';
export * from './ids';
export * from './money';
export * from './ports';
export * from './postgres-array';
export * from './system';
