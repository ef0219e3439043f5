export * from './anchor';
export * from './anchoring';
export * from './comparison';
export * from './file-place.adapter';
export * from './note';
export * from './place';
export * from './ranges';
export * from './tree';
