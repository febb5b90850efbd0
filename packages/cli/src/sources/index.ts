export { openArchive } from './archive-file.ts';
export { fromLocalSource, type LocalSource, localSource, pullThere } from './local-source.ts';
export { namingArchive } from './name-archive.ts';
