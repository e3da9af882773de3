"""martlet and FRR's vrrpd share an address, each way round: VRRPv2 without authentication, VRRPv3 over
IPv4 and IPv6. vrrpd lays its address on a macvlan that the administrator makes, and always holds
it; who masters shows on the wire."""
import os
import shutil
import signal
import subprocess
import time

from lab import check, instance, wait_until

LIBRARY = '/usr/lib/frr/'
ADDRESSES = {4: ['192.0.2.100/24'], 6: ['fe80::100/64']}


class _Router:
    """zebra and vrrpd in a node."""

    def __init__(self, lab, node, priority, version, family):
        self.node = node
        self.folder = '/run/frr-' + node.name
        os.makedirs(self.folder, exist_ok=True)
        mac = '00:00:5e:00:0%d:33' % (1 if family == 4 else 2)
        link = 'vrrp%d' % family
        node.run('ip', 'link', 'add', link, 'link', 'eth0', 'type', 'macvlan', 'mode', 'bridge')
        node.run('ip', 'link', 'set', link, 'address', mac, 'up')
        for address in ADDRESSES[family]:
            node.run('ip', 'addr', 'add', address, 'dev', link, 'nodad')
        lines = ['vrrp 51 version %d' % version, 'vrrp 51 priority %d' % priority,
                 'vrrp 51 advertisement-interval 1000']
        for address in ADDRESSES[family]:
            lines.append('vrrp 51 %s %s' % ('ip' if family == 4 else 'ipv6', address.split('/')[0]))
        self.write('zebra.conf', '')
        self.write('vrrpd.conf', 'interface eth0\n ' + '\n '.join(lines) + '\n')
        shutil.chown(self.folder, 'frr', 'frr')
        self.processes = []
        self.start('zebra')
        wait_until(lambda: os.path.exists(self.folder + '/zebra.sock'), 'zebra runs')
        self.start('vrrpd')
        lab.daemons.append(self)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w') as file:
            file.write(text)
        shutil.chown(file.name, 'frr', 'frr')

    def start(self, name):
        path = os.path.join(self.folder, name)
        words = ['ip', 'netns', 'exec', self.node.name, LIBRARY + name, '-f', path + '.conf', '-i',
                 path + '.pid', '-z', self.folder + '/zebra.sock', '--vty_socket', self.folder,
                 '--log', 'stdout']
        with open(path + '.log', 'ab') as log:
            self.processes.append(subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))

    name = 'vrrpd'

    def kill_all(self):
        self.stop(signal.SIGKILL)

    def start_again(self):
        self.processes = []
        os.unlink(self.folder + '/zebra.sock')
        self.start('zebra')
        wait_until(lambda: os.path.exists(self.folder + '/zebra.sock'), 'zebra runs')
        self.start('vrrpd')

    def log(self):
        with open(self.folder + '/vrrpd.log', errors='replace') as file:
            return file.read()

    def stop(self, number=signal.SIGTERM):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(number)
                process.wait(10)

    end = stop


def _speaks(lab, node, family):
    """When the node last advertised: over IPv6 by its priority, for vrrpd sends from the address
    that is shared, and who was killed still has it."""
    if family == 6:
        heard = lab.wire.heard(priority=150 if node.name == 'r1' else 100)
    else:
        heard = lab.wire.heard('192.0.2.%s' % node.name[1])
    times = [one.time for one in heard if one.priority]
    return times[-1] if times else 0.0


def _story(lab, version, family, martlet_first):
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    for node in (one, two):
        node.run('sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0')

    def start(node, priority, is_martlet):
        if is_martlet:
            return node.start(instance(priority=priority, addresses=ADDRESSES[family],
                                       extra='version %d' % version))
        return _Router(lab, node, priority, version, family)

    def masters(node, other):
        """Only this one has been heard for two intervals."""
        now = time.time()
        return now - _speaks(lab, node, family) < 1.6 and now - _speaks(lab, other, family) > 1.6
    a = start(one, 150, martlet_first)
    wait_until(lambda: masters(one, two), 'the first masters')
    b = start(two, 100, not martlet_first)
    time.sleep(4.5)
    check(masters(one, two), 'the backup stays backup')
    for number in (signal.SIGTERM, signal.SIGKILL):
        if number == signal.SIGTERM:
            a.stop()
        else:
            a.kill_all()
        wait_until(lambda: masters(two, one), 'the backup takes over', 15)
        if martlet_first:
            a = one.start(instance(priority=150, addresses=ADDRESSES[family],
                                   extra='version %d' % version), name='after-%d' % number)
        else:
            a.start_again()
        wait_until(lambda: masters(one, two), 'the first is back', 15)
    log = b.log() if not martlet_first else ''
    check('discarded' not in log, 'martlet discards: ' + log)


def v2_martlet_first(lab):
    """VRRPv2, martlet first"""
    _story(lab, 2, 4, True)


def v2_peer_first(lab):
    """VRRPv2, vrrpd first"""
    _story(lab, 2, 4, False)


def v3_ipv4_martlet_first(lab):
    """VRRPv3 over IPv4, martlet first"""
    _story(lab, 3, 4, True)


def v3_ipv4_peer_first(lab):
    """VRRPv3 over IPv4, vrrpd first"""
    _story(lab, 3, 4, False)


def v3_ipv6_martlet_first(lab):
    """VRRPv3 over IPv6, martlet first"""
    _story(lab, 3, 6, True)


def v3_ipv6_peer_first(lab):
    """VRRPv3 over IPv6, vrrpd first"""
    _story(lab, 3, 6, False)
