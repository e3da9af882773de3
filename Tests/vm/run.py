#!/usr/bin/env python3
"""Runs the black-box cases of Tests/blackbox/vm on a kernel that has everything, in a virtual machine.

    run.py --daemon build/small/martletd [--only GLOB] [--accel tcg] [--seconds N]

The kernel is Debian's for clouds, fetched and unpacked below .build/vm, never installed. Its root is
an initramfs with Python, iproute2, keepalived, the daemon and the tests: nothing of the host is
mounted, there is no network, and the machine ends with its process. By default it is emulated (tcg),
which needs no /dev/kvm and is the same everywhere.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(os.path.dirname(TESTS), '.build', 'vm')
META_PACKAGE = 'linux-image-cloud-amd64'

MODULES = ('8021q bonding bridge dummy ipvlan macvlan nf_tables sch_netem veth vrf'
           ' ah4 ah6 mpls_router mpls_iptunnel').split()
PROGRAMS = ('/bin/sh cat echo env grep ip bridge tc kill ls modprobe mount sleep sysctl'
            ' umount unshare /usr/bin/python3').split()

INIT = '''#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
for module in %(modules)s; do modprobe $module || echo "no module $module"; done
ip link set lo up
cd /martlet
MARTLET_SUITE=vm python3 blackbox/run.py --daemon /martlet/martletd -j %(jobs)d %(words)s
echo "vm-exit-status $?"
echo o > /proc/sysrq-trigger
sleep 60
'''


def output(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def kernel():
    """(vmlinuz, folder to which /lib/modules is relative, version), fetched if need be."""
    if not _unpacked():
        os.makedirs(CACHE, exist_ok=True)
        depends = output('apt-cache', 'depends', META_PACKAGE)
        package = re.search(r'Depends: (linux-image-\S+)', depends).group(1)
        subprocess.run(['apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', package],
                       check=True, cwd=CACHE)
        for name in os.listdir(CACHE):
            if name.endswith('.deb'):
                subprocess.run(['dpkg', '-x', name, 'root'], check=True, cwd=CACHE)
                os.unlink(os.path.join(CACHE, name))
        subprocess.run(['depmod', '-b', os.path.join(CACHE, 'root'), _unpacked()], check=True)
    version, root = _unpacked(), os.path.join(CACHE, 'root')
    return os.path.join(root, 'boot', 'vmlinuz-' + version), root, version


def _unpacked():
    """Version of the kernel that is there already."""
    try:
        return os.listdir(os.path.join(CACHE, 'root', 'lib', 'modules'))[0]
    except (FileNotFoundError, IndexError):
        return None


class Root:
    """The tree that becomes the machine's root."""

    def __init__(self, folder):
        self.folder = folder
        for name in ('proc sys dev run tmp etc root usr/bin usr/sbin usr/lib/x86_64-linux-gnu'
                     ' usr/lib64').split():
            os.makedirs(self.path('/' + name))
        for name in 'bin sbin lib lib64'.split():
            os.symlink('usr/' + name, self.path('/' + name))

    def path(self, name):
        return self.folder + name

    def write(self, name, text, mode=0o644):
        with open(self.path(name), 'w') as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def put(self, source, destination=None):
        """A file and the libraries that it is linked with."""
        target = self.path(destination or source)
        if os.path.exists(target):
            return
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(source, target)
        linked = subprocess.run(['ldd', source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                text=True).stdout
        for library in re.findall(r'(/\S+\.so\S*)', linked):
            self.put(library)

    def put_modules(self, base, version):
        for module in MODULES:
            shown = output('modprobe', '-d', base, '-S', version, '--show-depends', module)
            for path in re.findall(r'insmod (\S+)', shown):
                self.put(path, path.removeprefix(base))
        for name in ('modules.order', 'modules.builtin', 'modules.builtin.modinfo'):
            path = '/lib/modules/%s/%s' % (version, name)
            shutil.copy2(base + path, self.path(path))
        subprocess.run(['depmod', '-b', self.folder, version], check=True)

    def put_python(self):
        folder = os.path.basename(os.path.realpath('/usr/bin/python3'))
        unneeded = shutil.ignore_patterns(
            'test', 'tests', 'dist-packages', 'config-*', 'idlelib', 'tkinter', 'lib2to3', 'ensurepip',
            'distutils', 'pydoc_data', 'asyncio', 'unittest', 'xml', 'sqlite3', 'wsgiref', 'email')
        shutil.copytree('/usr/lib/' + folder, self.path('/usr/lib/' + folder), ignore=unneeded)
        dynamic = '/usr/lib/%s/lib-dynload/' % folder
        for name in os.listdir(dynamic):
            for library in re.findall(r'(/\S+\.so\S*)', output('ldd', dynamic + name)):
                self.put(library)

    def fill(self, daemon, base, version):
        for name in PROGRAMS:
            path = shutil.which(name, path='/usr/sbin:/usr/bin:/sbin:/bin')
            self.put(path)
        for needed in (daemon, '/usr/sbin/keepalived'):
            self.put(needed, '/martlet/martletd' if needed == daemon else needed)
        # Loaded by name where threads end.
        self.put('/lib/x86_64-linux-gnu/libgcc_s.so.1', '/usr/lib/x86_64-linux-gnu/libgcc_s.so.1')
        self.put_python()
        self.put_modules(base, version)
        shutil.copytree(os.path.join(TESTS, 'blackbox'), self.path('/martlet/blackbox'))
        self.write('/etc/passwd', 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n')
        self.write('/etc/group', 'root:x:0:\nnogroup:x:65534:\n')

    def pack(self, image):
        names = subprocess.Popen(['find', '.'], cwd=self.folder, stdout=subprocess.PIPE)
        with open(image, 'wb') as file:
            subprocess.run(['cpio', '-o', '-H', 'newc', '--quiet', '-R', '0:0'], cwd=self.folder,
                           stdin=names.stdout, stdout=file, check=True)


def boot(vmlinuz, image, options):
    """Prints what the machine says; returns the tests' exit status, None if it never came."""
    words = ['timeout', str(options.seconds), 'qemu-system-x86_64', '-cpu', 'max', '-smp', '2',
             '-m', '1024', '-nographic', '-no-reboot', '-nic', 'none', '-kernel', vmlinuz,
             '-initrd', image, '-append', 'console=ttyS0 panic=-1 quiet', '-accel', options.accel]
    status, started = None, False
    machine = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    for raw in machine.stdout:
        line = re.sub(r'\x1b(\[[0-9;?]*[A-Za-z]|c)', '', raw.decode(errors='replace').rstrip())
        ended = re.match(r'vm-exit-status (\d+)$', line)
        if ended:
            status = int(ended.group(1))
        elif started or line.startswith('qemu'):
            print(line, flush=True)
        started = started or 'Booting from ROM' in line
    machine.wait()
    return status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--daemon', required=True, type=os.path.abspath)
    parser.add_argument('--only', action='append', default=[])
    parser.add_argument('--accel', choices=('tcg', 'kvm'), default='tcg')
    parser.add_argument('--seconds', type=int, default=900)
    parser.add_argument('-j', type=int, default=2)
    options = parser.parse_args()
    vmlinuz, base, version = kernel()
    with tempfile.TemporaryDirectory(prefix='martlet-vm-') as work:
        root = Root(os.path.join(work, 'root'))
        root.fill(options.daemon, base, version)
        words = ' '.join("--only '%s'" % one for one in options.only)
        root.write('/init', INIT % {'modules': ' '.join(MODULES), 'jobs': options.j,
                                    'words': words}, 0o755)
        image = os.path.join(work, 'initramfs')
        root.pack(image)
        status = boot(vmlinuz, image, options)
    if status is None:
        print('run.py: the machine did not finish within %d s' % options.seconds)
        return 1
    return status


if __name__ == '__main__':
    sys.exit(main())
