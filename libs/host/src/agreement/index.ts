export * from './agreement';
export * from './agreements';
export * from './compare';
export * from './difference.table';
export * from './digests';
export * from './neighbour-side';
export * from './side';
