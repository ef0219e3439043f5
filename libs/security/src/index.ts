export * from './digests';
export * from './id-number';
export * from './personal';
export * from './seal';
