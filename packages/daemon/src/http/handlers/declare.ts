// Declared VMs: `apply`, and the same without doing anything.
import type { ApplyItem } from '@ignite/api';
import { API_MANAGER, type DeclareRequest, type Engine, type Planned } from '@ignite/engine';
import { matchesSelector, parseSelector } from '@ignite/api/selectors';
import { errorBodyOf } from '../errors.ts';
import type { Handlers } from '../handler.ts';

/** The handlers of the declarative operations. */
export function declareHandlers({ declare, vms }: Engine): Pick<Handlers, 'apply'> {
  return {
    apply: async ({ body, report, signal }) => {
      const { objects, prune, dryRun, allowRecreate, takeOver, ...pull } = body;
      const selector = prune === undefined ? undefined : parseSelector(prune);
      const request: DeclareRequest = {
        manager: API_MANAGER,
        objects,
        ...(selector === undefined
          ? {}
          : { prune: (record) => matchesSelector(selector, record.metadata.labels) }),
        allowRecreate: allowRecreate ?? false,
        takeOver: takeOver ?? false,
        pull,
      };
      try {
        const planned =
          dryRun === true ? declare.plan(request) : await declare.apply(request, { report, signal });
        return { items: planned.map(itemOf) };
      } finally {
        // VMs that are there already took no files
        for (const { upload } of objects) if (upload !== undefined) await vms.dropFiles(upload);
      }
    },
  };
}

/** One VM of a plan in the API's form. */
export function itemOf({ name, uid, action, drift, error, changes, origin }: Planned): ApplyItem {
  return {
    name,
    action,
    ...(uid === undefined ? {} : { uid }),
    ...(drift === undefined ? {} : { drift }),
    changes: changes.map((change) => ({ ...change })),
    ...(origin === undefined ? {} : { origin: { ...origin } }),
    ...(error === undefined ? {} : { error: errorBodyOf(error) }),
  };
}
