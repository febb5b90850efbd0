// The version of this program. Versions start at v1.0.0: Footloose refuses below 0.5.2 (CLI rule 23).

/** The release, with the v of the original. */
export const VERSION = 'v1.0.0';

/** The commit it was built from; the build puts it into the environment of the bundler. Empty in a work tree. */
export const BUILD_COMMIT = process.env['IGNITE_BUILD_COMMIT'] ?? '';
