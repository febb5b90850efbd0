// The schemas of every operation: query, body, result. From these the daemon validates and documents, and the
// client has its types. The table's keys are those of `paths.ts`, held by the type.
import { z } from 'zod';
import { imageSchema } from '../kinds/image.ts';
import { kernelSchema } from '../kinds/kernel.ts';
import { vmSchema } from '../kinds/vm.ts';
import * as declare from './declare.ts';
import { networkSchema } from '../kinds/network.ts';
import { volumeSchema } from '../kinds/volume.ts';
import * as images from './images.ts';
import type { OperationId } from './paths.ts';
import * as stats from './stats.ts';
import * as sources from './sources.ts';
import * as system from './system.ts';
import * as vms from './vms.ts';
import * as networks from './networks.ts';
import * as volumes from './volumes.ts';

/** Query, JSON body and result of one operation; what is absent is not allowed. */
export interface Bodies {
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject | z.ZodUnion;
  /** Of `json` and of the last line of `operation`; of each line of `events`. Absent: not JSON. */
  readonly result?: z.ZodType;
}

/** Schemas by operation id. */
export const bodies = {
  ping: { result: system.pingResult },
  version: { result: system.versionResult },
  info: { result: system.infoResult },
  shutdown: { body: system.shutdownBody, result: system.shutdownResult },
  diskUse: { result: system.diskUseResult },
  gc: { body: system.gcBody, result: system.gcResult },
  repair: { body: system.repairBody, result: system.repairResult },
  events: { query: system.eventsQuery, result: system.eventBody },

  listVms: { query: vms.listVmsQuery, result: vms.vmList },
  createVm: { body: vms.createVmBody, result: vmSchema },
  uploadFiles: { result: vms.uploadResult },
  inspectVm: { result: vmSchema },
  removeVm: { query: vms.removeQuery, result: vmSchema },
  startVm: { body: vms.startVmBody, result: vmSchema },
  stopVm: { body: vms.stopVmBody, result: vmSchema },
  killVm: { body: vms.killVmBody, result: vmSchema },
  pauseVm: { body: z.strictObject({}), result: vmSchema },
  unpauseVm: { body: z.strictObject({}), result: vmSchema },
  renameVm: { body: vms.renameVmBody, result: vmSchema },
  statsVm: { result: stats.vmStats },
  topVm: { result: stats.guestProcesses },
  updateVm: { body: vms.updateVmBody, result: vms.updateResult },
  waitVm: { body: vms.waitVmBody, result: vms.waitResult },
  protectVm: { body: declare.protectBody, result: vmSchema },
  resumeVm: { body: declare.resumeBody, result: vmSchema },
  apply: { body: declare.applyBody, result: declare.applyResult },
  pinHostKeys: { body: z.strictObject({}), result: vms.sshAccessResult },
  sshAccess: { result: vms.sshAccessResult },
  logs: { query: vms.logsQuery },
  stream: { query: vms.streamQuery },

  attachSource: { body: sources.attachSourceBody, result: sources.withdrawn },
  listSources: { result: sources.sourceList },
  approveSource: { body: sources.sourceEmpty, result: sources.sourceStatus },
  syncSource: { body: sources.sourceEmpty, result: sources.sourceStatus },

  listImages: { result: images.imageList },
  pullImage: { body: images.pullImageBody, result: imageSchema },
  loadImage: { query: images.loadImageQuery, result: images.imageList },
  importRootfs: { query: images.importRootfsQuery, result: imageSchema },
  makeImage: { body: images.makeImageBody, result: imageSchema },
  tagImage: { body: images.tagImageBody, result: imageSchema },
  pushImage: { body: images.pushImageBody, result: images.pushedImage },
  saveImages: { body: images.saveImagesBody },
  pruneImages: { body: images.pruneImagesBody, result: images.prunedImages },
  checkLogin: { body: images.loginBody, result: images.loginResult },
  inspectImage: { result: imageSchema },
  removeImage: { query: vms.removeQuery, result: imageSchema },

  listKernels: { result: images.kernelList },
  importKernel: { body: images.importKernelBody, result: kernelSchema },
  loadKernel: { query: images.loadKernelQuery, result: kernelSchema },
  inspectKernel: { result: kernelSchema },
  removeKernel: { query: vms.removeQuery, result: kernelSchema },

  listVolumes: { result: volumes.volumeList },
  createVolume: { body: volumes.createVolumeBody, result: volumeSchema },
  pruneVolumes: { body: volumes.pruneVolumesBody, result: volumes.prunedVolumes },
  inspectVolume: { result: volumeSchema },
  resizeVolume: { body: volumes.resizeVolumeBody, result: volumeSchema },
  removeVolume: { result: volumeSchema },

  checkNetwork: { body: networks.checkNetworkBody, result: networks.checkedNetwork },
  deniedByNetwork: { result: networks.deniedResult },
  listNetworks: { result: networks.networkList },
  createNetwork: { body: networks.createNetworkBody, result: networkSchema },
  inspectNetwork: { result: networkSchema },
  removeNetwork: { result: networkSchema },
} as const satisfies Readonly<Record<OperationId, Bodies>>;

type Part<K extends OperationId, P extends keyof Bodies> =
  (typeof bodies)[K] extends Readonly<Record<P, infer S extends z.ZodType>> ? S : never;

/** What a client sends as the JSON body of an operation (outside form). */
export type RequestBody<K extends OperationId> = z.input<Part<K, 'body'>>;
/** What the daemon's handler gets of it (inside form). */
export type HandlerBody<K extends OperationId> = z.output<Part<K, 'body'>>;
/** What a client gets as the result of an operation (outside form). */
export type ResultDocument<K extends OperationId> = z.input<Part<K, 'result'>>;
/** What the daemon's handler gives (inside form); `encodeResult` makes the document. */
export type HandlerResult<K extends OperationId> = z.output<Part<K, 'result'>>;
/** The query as the handler gets it. */
export type HandlerQuery<K extends OperationId> = z.output<Part<K, 'query'>>;
