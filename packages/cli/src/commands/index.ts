// All commands and groups of the command line, as data.
import type { CommandTree } from '../argv/spec.ts';
import { apply, deleteFiles, diff } from './apply.ts';
import { attach } from './attach.ts';
import { build } from './build.ts';
import { complete, completion } from './completion.ts';
import { cp } from './cp.ts';
import { create } from './create.ts';
import { doctor } from './doctor.ts';
import { events } from './events.ts';
import { exec } from './exec.ts';
import { convert, get } from './get.ts';
import { gc } from './gc.ts';
import { gitops, gitopsApprove, gitopsStatus, gitopsSync } from './gitops.ts';
import { help } from './help.ts';
import { imageImport } from './image-import.ts';
import { imageInspect, kernelInspect } from './image-inspect.ts';
import { imageLoad } from './image-load.ts';
import { imageLs } from './image-ls.ts';
import { imageMake } from './image-make.ts';
import { imagePrune } from './image-prune.ts';
import { imagePush } from './image-push.ts';
import { imageRm } from './image-rm.ts';
import { imageSave } from './image-save.ts';
import { imageTag } from './image-tag.ts';
import { importRootfs } from './import.ts';
import { importState } from './import-state.ts';
import { inspect } from './inspect.ts';
import { kernelImport } from './kernel-import.ts';
import { kernelLs } from './kernel-ls.ts';
import { kernelRm } from './kernel-rm.ts';
import { kill } from './kill.ts';
import { login, logout } from './login.ts';
import { logs } from './logs.ts';
import { protect, resume, unprotect } from './protect.ts';
import { pause, unpause } from './pause.ts';
import { port } from './port.ts';
import { networkCheck } from './network-check.ts';
import { networkCreate } from './network-create.ts';
import { networkDenied } from './network-denied.ts';
import { networkInspect } from './network-inspect.ts';
import { networkLs } from './network-ls.ts';
import { networkRm } from './network-rm.ts';
import { ps, vmLs } from './ps.ts';
import { pull } from './pull.ts';
import { rename } from './rename.ts';
import { repair } from './repair.ts';
import { restart } from './restart.ts';
import { rm } from './rm.ts';
import { run } from './run.ts';
import { globalFlags } from './shared/common-flags.ts';
import { ssh } from './ssh.ts';
import { stats } from './stats.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import { systemInfo, systemStart, systemStatus, systemStop } from './system.ts';
import { systemDf, systemPrune } from './system-df.ts';
import { systemInstall, systemUninstall } from './system-install.ts';
import { systemInstallVmm } from './system-install-vmm.ts';
import { top } from './top.ts';
import { update } from './update.ts';
import { version } from './version.ts';
import { volumeCreate } from './volume-create.ts';
import { volumeInspect } from './volume-inspect.ts';
import { volumeLs } from './volume-ls.ts';
import { volumePrune } from './volume-prune.ts';
import { volumeResize } from './volume-resize.ts';
import { volumeRm } from './volume-rm.ts';
import { wait } from './wait.ts';

/** The whole command line. */
export const commandTree: CommandTree = {
  commands: [
    run,
    create,
    start,
    stop,
    restart,
    kill,
    pause,
    unpause,
    rename,
    update,
    rm,
    ps,
    logs,
    attach,
    exec,
    cp,
    ssh,
    inspect,
    wait,
    apply,
    diff,
    deleteFiles,
    get,
    convert,
    importState,
    protect,
    unprotect,
    resume,
    port,
    top,
    stats,
    gitops,
    gitopsStatus,
    gitopsApprove,
    gitopsSync,
    pull,
    build,
    login,
    logout,
    imageLs,
    imageImport,
    imageRm,
    imageTag,
    imageLoad,
    imageSave,
    importRootfs,
    imagePush,
    imagePrune,
    imageMake,
    imageInspect,
    kernelLs,
    kernelImport,
    kernelRm,
    kernelInspect,
    networkCreate,
    networkLs,
    networkInspect,
    networkRm,
    networkDenied,
    networkCheck,
    volumeCreate,
    volumeLs,
    volumeInspect,
    volumeResize,
    volumeRm,
    volumePrune,
    vmLs,
    events,
    gc,
    repair,
    systemInfo,
    systemStatus,
    systemStart,
    systemStop,
    systemDf,
    systemPrune,
    systemInstall,
    systemInstallVmm,
    systemUninstall,
    doctor,
    version,
    completion,
    help,
    complete,
  ],
  groups: [
    { name: 'vm', also: ['vms', 'container'], summary: 'VMs', fallback: ['vm', 'ls'] },
    { name: 'image', also: ['images'], summary: 'Images', fallback: ['image', 'ls'] },
    { name: 'kernel', also: ['kernels'], summary: 'Kernels', fallback: ['kernel', 'ls'] },
    { name: 'volume', also: ['volumes'], summary: 'Volumes', fallback: ['volume', 'ls'] },
    { name: 'network', also: ['networks', 'net'], summary: 'Networks', fallback: ['network', 'ls'] },
    {
      name: 'gitops',
      also: [],
      summary: 'Folders and Git repositories that declare VMs',
      fallback: ['gitops', 'status'],
      operand: { like: /[/:]/, path: ['gitops', 'follow'] },
    },
    { name: 'system', also: [], summary: 'The daemon and the host', fallback: ['system', 'info'] },
  ],
  globals: globalFlags,
};
