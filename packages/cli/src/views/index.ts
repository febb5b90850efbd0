export { compileTemplate } from '../template/index.ts';
export {
  dockerImage,
  dockerKernel,
  IMAGE_COLUMNS,
  imageRow,
  KERNEL_COLUMNS,
  kernelRow,
} from './docker-image.ts';
export { dockerNetwork, NETWORK_COLUMNS, networkRow } from './docker-network.ts';
export { dockerVolume, VOLUME_COLUMNS, volumeRow } from './docker-volume.ts';
export { asksForState, readFilters } from './filters.ts';
export { goImage } from './go-image.ts';
export { goVm } from './go-vm.ts';
export { asGoValue } from './go-values.ts';
export { printList } from './print-list.ts';
export { printVms } from './print-vms.ts';
export { dockerStats, type Sample, STATS_COLUMNS, statsRow } from './stats.ts';
export { portsOf } from './vm-facts.ts';
export {
  danglingKey,
  type FilterKey,
  labelKey,
  nameKey,
  readListFilters,
  referenceKey,
} from './list-filters.ts';
