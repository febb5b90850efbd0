// A thread that reads long manifests for the daemon, which answers others meanwhile. It gets one text at a time.
import { parentPort } from 'node:worker_threads';
import { readManifest } from './read-manifest.ts';

parentPort?.on('message', ({ text, path }: { readonly text: string; readonly path: string }) => {
  parentPort?.postMessage(readManifest(text, path));
});
