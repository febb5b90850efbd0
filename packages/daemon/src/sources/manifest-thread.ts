// A thread that reads and edits long manifests for the daemon, which answers others meanwhile. It gets one text at a time.
import { parentPort } from 'node:worker_threads';
import { doManifestJob, type ManifestTask } from './manifest-jobs.ts';

parentPort?.on('message', (task: ManifestTask) => {
  parentPort?.postMessage(doManifestJob(task));
});
