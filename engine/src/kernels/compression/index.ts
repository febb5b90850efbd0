export { corrupt } from './corrupt.ts';
export { type Compression, decompress, detectCompression } from './decompress.ts';
export { decodeXz } from './xz.ts';
