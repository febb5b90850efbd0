// URLs of repositories, as the original took them (GIT-10): ssh with its short form, https, file.
import { IgniteError } from '@ignite/api';

export interface GitUrl {
  readonly kind: 'ssh' | 'https' | 'file';
  /** As git takes it, without a password. */
  readonly url: string;
}

const SHORT_SSH = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!:|\/\/)\S+$/;

/** @throws IgniteError `source/bad-url`; `http` and `git` are not protected and are refused */
export function parseGitUrl(text: string): GitUrl {
  if (text.startsWith('/')) return { kind: 'file', url: `file://${text}` };
  const scheme = /^([a-z+]+):\/\//.exec(text)?.[1];
  if (scheme === undefined) {
    if (SHORT_SSH.test(text) && !text.startsWith('-')) return { kind: 'ssh', url: text };
    throw refused(text);
  }
  if (scheme !== 'ssh' && scheme !== 'https' && scheme !== 'file') throw refused(text);
  const url = URL.parse(text);
  if (url === null) throw refused(text);
  if (url.hostname.startsWith('-')) throw refused(text); // ssh would take it for an option
  url.password = '';
  if (scheme === 'https') url.username = '';
  return { kind: scheme, url: url.href.replace(/\/$/, '') };
}

function refused(text: string): IgniteError {
  return new IgniteError(
    'source/bad-url',
    `"${text.replace(/\/\/[^@/]*@/, '//').slice(0, 200)}" is no URL of a repository`,
  );
}
