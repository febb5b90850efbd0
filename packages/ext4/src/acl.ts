// POSIX ACLs: from the form of the system calls (version 2, linux/posix_acl_xattr.h) to the one ext4 stores
// (version 1, fs/ext4/acl.h), in which only named users and groups have an id.

const VERSION_XATTR = 2;
const VERSION_EXT4 = 1;
const USER = 0x02;
const GROUP = 0x08;
const WITHOUT_ID = new Set([0x01, 0x04, 0x10, 0x20]);

/**
 * The stored form; `minimal` if the list says no more than the mode bits, in which case Linux stores none.
 * Undefined if the value is no ACL.
 */
export function toStoredAcl(
  value: Buffer,
): { readonly bytes: Buffer; readonly minimal: boolean } | undefined {
  if (value.length < 4 || value.length % 8 !== 4 || value.readUInt32LE(0) !== VERSION_XATTR) return undefined;
  const parts: Buffer[] = [Buffer.from(Uint32Array.of(VERSION_EXT4).buffer)];
  let minimal = true;
  for (let at = 4; at < value.length; at += 8) {
    const tag = value.readUInt16LE(at);
    const named = tag === USER || tag === GROUP;
    if (!named && !WITHOUT_ID.has(tag)) return undefined;
    if (named || tag === 0x10) minimal = false;
    parts.push(value.subarray(at, at + (named ? 8 : 4)));
  }
  return { bytes: Buffer.concat(parts), minimal };
}
