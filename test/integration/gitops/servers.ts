// Real servers for a repository: Debian's sshd and nginx with git http-backend, on the loopback, started by the test.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Program, startProgram } from '../../containers/start-program.ts';
import { makeCertificates } from '../../registry/certificates.ts';
import { freePort } from '../../registry/docker-registry.ts';

/** An sshd with one key that may enter. */
export interface SshServer extends Program {
  readonly port: number;
  readonly identityFile: string;
  readonly hostsFile: string;
}

export async function startSshServer(folder: string): Promise<SshServer> {
  const path = (name: string) => join(folder, name);
  const key = (file: string) => execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  key(path('host_key'));
  key(path('id'));
  await writeFile(path('authorized'), await readFile(path('id.pub')), { mode: 0o600 });
  const port = await freePort();
  const hostKey = (await readFile(path('host_key.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(path('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host_key')}`,
    `AuthorizedKeysFile ${path('authorized')}`,
    `PidFile ${path('sshd.pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
  ];
  await writeFile(path('sshd_config'), `${settings.join('\n')}\n`);
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const program = await startProgram(['/usr/sbin/sshd', '-D', '-e', '-f', path('sshd_config')], {
    ready: () => answers(port),
  });
  return { ...program, port, identityFile: path('id'), hostsFile: path('known_hosts') };
}

/** nginx with TLS and a password in front of git http-backend. */
export interface HttpsServer extends AsyncDisposable {
  readonly port: number;
  readonly caFile: string;
  readonly token: string;
  /** Words of every process of the host, each time somebody asked: what anybody could read in a process list. */
  processList(): Promise<string>;
}

/** @param repositories folder whose bare repositories are served as `/NAME` */
export async function startHttpsServer(folder: string, repositories: string): Promise<HttpsServer> {
  const path = (name: string) => join(folder, name);
  const { authority, certificate, key } = await makeCertificates(folder);
  const token = 'a-token-of-the-test';
  const hash = execFileSync('openssl', ['passwd', '-apr1', token], { encoding: 'utf8' }).trim();
  await writeFile(path('htpasswd'), `git:${hash}\n`, { mode: 0o644 });
  const port = await freePort();
  const list = path('process-list');
  const backend = path('backend');
  await writeFile(
    backend,
    `#!/bin/sh\ncat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >>${list}\nexec /usr/lib/git-core/git-http-backend\n`,
    { mode: 0o755 },
  );
  await writeFile(
    path('nginx.conf'),
    nginxConfiguration(folder, { port, certificate, key, repositories, backend }),
  );
  await chmod(folder, 0o755);
  const socket = path('fcgi.sock');
  const gateway = await startProgram(['/usr/sbin/fcgiwrap', '-s', `unix:${socket}`], {
    ready: () => answers(socket),
  });
  const server = await startProgram(['/usr/sbin/nginx', '-p', folder, '-c', path('nginx.conf')], {
    ready: () => answers(port),
  });
  return {
    port,
    caFile: authority,
    token,
    processList: () => readFile(list, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

function nginxConfiguration(
  folder: string,
  {
    port,
    certificate,
    key,
    repositories,
    backend,
  }: {
    readonly port: number;
    readonly certificate: string;
    readonly key: string;
    readonly repositories: string;
    readonly backend: string;
  },
): string {
  return `daemon off;
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    auth_basic test;
    auth_basic_user_file ${folder}/htpasswd;
    location / {
      fastcgi_pass unix:${folder}/fcgi.sock;
      fastcgi_param SCRIPT_FILENAME ${backend};
      fastcgi_param GIT_PROJECT_ROOT ${repositories};
      fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param PATH_INFO $uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_USER $remote_user;
    }
  }
}
`;
}

async function answers(place: number | string): Promise<void> {
  const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place);
  await once(socket, 'connect');
  socket.destroy();
}
