"""A kernel whose addresses somebody else changes without end."""
import os
import subprocess

from lab import check, instance, stays, wait_until


class _Changes:
    """`ip -batch` adds and removes addresses of an interface of its own, until the end."""

    def __init__(self, node, count=6000):
        self.node = node
        node.run('ip', 'link', 'add', 'busy0', 'type', 'veth', 'peer', 'name', 'busy1')
        node.run('ip', 'link', 'set', 'busy0', 'up')
        there = ['addr add 10.%d.%d.%d/32 dev busy0' % (n >> 16, n >> 8 & 255, n & 255)
                 for n in range(count)]
        node.run('ip', '-batch', node.write('there', '\n'.join(there) + '\n'))
        change = 'addr add 172.16.0.1/32 dev busy0\naddr del 172.16.0.1/32 dev busy0\n'
        path = node.path('changes')
        os.mkfifo(path)
        self.process = subprocess.Popen([*node.prefix, 'ip', '-batch', path])
        self.writer = subprocess.Popen(['yes', change.strip()], stdout=open(path, 'wb'))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.writer, self.process):
            process.kill()
            process.wait()


def start(lab):
    """Started meanwhile: it knows its interface, masters, and holds on to its address."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    with _Changes(one):
        a = one.start(instance(priority=200))
        a.wait_said('Entering BACKUP STATE')
        check(not a.said('FAULT'), 'it begins with a fault')
        wait_until(lambda: one.holds('192.0.2.100'), 'the address')
        one.run('ip', 'addr', 'del', '192.0.2.100/24', 'dev', 'eth0')
        wait_until(lambda: one.holds('192.0.2.100'), 'it is brought back')
        check(not a.said('cannot'), a.log())


def crash(lab):
    """Crashed twice meanwhile: the address is handed over all the same."""
    a, b = lab.pair()
    with _Changes(a.node):
        first = a.engine
        os.kill(first, 9)
        wait_until(lambda: a.engine != first, 'a second engine')
        stays(lambda: a.node.holds('192.0.2.100'), 'the address', 1.5)
        os.kill(a.engine, 9)
        wait_until(lambda: b.node.holds('192.0.2.100'), 'the peer holds the address')
        wait_until(lambda: not a.node.holds('192.0.2.100'), 'it was let go', 2)
