export * from './decider';
export * from './error-codes';
export * from './error-details';
export * from './errors';
export * from './ids';
export * from './money';
export * from './ports';
