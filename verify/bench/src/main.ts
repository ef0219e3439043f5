import { main } from './command';

void main(process.argv.slice(2)).then((code) => process.exit(code));
