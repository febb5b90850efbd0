export { createImageMaker } from './create-image-maker.ts';
export { archiveLayout, writeOciLayout } from './oci-layout.ts';
export type { ImageMaker, MadeImage, MakeMachineRequest } from './port.ts';
