export { createImageMaker, type ImageMakerOptions } from './create-image-maker.ts';
export type { LayerCompression } from './layer-blob.ts';
export {
  archiveLayout,
  type Layout,
  type LayoutInput,
  type RunConfig,
  writeOciLayout,
} from './oci-layout.ts';
export type { ImageMaker, MadeImage, MakeMachineRequest } from './port.ts';
