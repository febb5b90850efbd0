import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultKernelPackage, isKernelPackage, isPackageName, parseAptShow } from './apt-record.ts';
import { downloadProgress } from './apt.ts';

const SHOW = `Package: linux-image-cloud-amd64
Source: linux-signed-amd64 (6.1.192+2)
Version: 6.1.192-2
Installed-Size: 13
Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2), initramfs-tools | linux-initramfs-tool
Description-en: Linux for x86-64 cloud
 A paragraph: with colons.
Size: 1480

Package: linux-image-cloud-amd64
Version: 6.1.100-1
`;

test('the candidate is the first paragraph, of alternatives the first counts', () => {
  assert.deepEqual(parseAptShow(SHOW), {
    name: 'linux-image-cloud-amd64',
    version: '6.1.192-2',
    size: 1480,
    depends: ['linux-image-6.1.0-56-cloud-amd64', 'initramfs-tools'],
  });
  assert.equal(parseAptShow(''), undefined);
});

test('each distribution has its kernel for VMs', () => {
  assert.equal(defaultKernelPackage('ID=debian\n', 'amd64'), 'linux-image-cloud-amd64');
  assert.equal(defaultKernelPackage('ID=debian\n', 'arm64'), 'linux-image-cloud-arm64');
  assert.equal(defaultKernelPackage('ID=ubuntu\nID_LIKE=debian\n', 'amd64'), 'linux-image-virtual');
  assert.equal(
    defaultKernelPackage('ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'amd64'),
    'linux-image-virtual',
  );
  assert.equal(defaultKernelPackage('ID=fedora\n', 'amd64'), undefined);
});

test('package names are told from options', () => {
  assert.ok(isKernelPackage('linux-image-unsigned-6.8.0-31-generic'));
  assert.ok(!isKernelPackage('linux-image-cloud-amd64'));
  assert.ok(isPackageName('linux-image-6.1.0-56-cloud-amd64'));
  for (const word of ['-o', 'a b', '', 'A', 'x=1']) assert.ok(!isPackageName(word), word);
});

test('the percentages of apt become bytes, each told once', () => {
  const told: number[] = [];
  const read = downloadProgress('x', 1000, (progress) => {
    if (progress.kind === 'bytes') told.push(progress.done);
  });
  read('dlstatus:1:0:Retrieving file 1 of 1\ndlsta');
  read('tus:1:50.5:Retrieving\nW: something\ndlstatus:1:50.5:again\ndlstatus:1:100:Done\n');
  assert.deepEqual(told, [0, 505, 1000]);
});
