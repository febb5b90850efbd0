export { adoptBlob, hasBlob, putBlob, readBlob, requireBlob } from './blobs.ts';
export { type Collector, createCollector } from './collector.ts';
export { type IndexEntry, type IndexFile, openIndexFile } from './index-file.ts';
export { prepareStore } from './layout.ts';
export { type ImagePaths, imagePaths, RECIPE } from './paths.ts';
export { createPins, type Pins } from './pins.ts';
export { type Conversion, readConversion, writeConversion } from './records.ts';
