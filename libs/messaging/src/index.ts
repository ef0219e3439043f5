export * from './bus';
export * from './consumes';
