export { openArchive } from './archive-file.ts';
export { fromLocalSource, localSource } from './local-source.ts';
