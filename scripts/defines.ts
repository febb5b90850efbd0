// What a release knows at build time: the bundler puts these values in place of the words, and drops what can no longer be reached.

/** @param commit short hash of the commit; empty outside of a checkout */
export function defines(commit: string): Readonly<Record<string, string>> {
  return {
    'process.env.IGNITE_BUILD_COMMIT': JSON.stringify(commit),
    'process.env.IGNITE_FAULT': 'undefined', // no fault switch (engine/src/wiring/fault-switch.ts)
  };
}
