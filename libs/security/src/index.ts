export * from './digests';
export * from './idNumber';
export * from './personal';
export * from './seal';
