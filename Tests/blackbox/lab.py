"""A LAN of routers and a client, in namespaces that die with the process that made them.

A case runs inside its own network, mount and process namespaces (run.py makes them): a bridge `lan`
stands in the case's own namespace, each node is a named network namespace with its interfaces on
that bridge. When the case ends, however it ends, the kernel removes all of it.
"""
import collections
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PACKET_ALL = 0x0003
SO_TIMESTAMPNS = 35

Advertisement = collections.namedtuple(
    'Advertisement', 'time source version vrid priority authentication interval addresses')
Announcement = collections.namedtuple('Announcement', 'time mac address')


class Failure(Exception):
    """What a case found wrong."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def wait_until(condition, what, timeout=10.0):
    """Returns the first true value of `condition`, or fails after `timeout` seconds."""
    end = time.time() + timeout
    while True:
        value = condition()
        if value:
            return value
        check(time.time() < end, 'after %g s still not: %s' % (timeout, what))
        time.sleep(0.005)


def stays(condition, what, seconds):
    """Fails as soon as `condition` does not hold, within `seconds`."""
    end = time.time() + seconds
    while time.time() < end:
        check(condition(), 'did not stay: %s' % what)
        time.sleep(0.01)


def run(*words, check_exit=True):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if check_exit and done.returncode:
        raise Failure('%s: %s' % (' '.join(words), done.stderr.strip()))
    return done.stdout


def inside(namespace, action):
    """Runs `action` with this thread in the named network namespace: for opening sockets there."""
    here = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
    there = os.open('/run/netns/' + namespace, os.O_RDONLY)
    try:
        check(LIBC.setns(there, CLONE_NEWNET) == 0, 'setns to ' + namespace)
        return action()
    finally:
        LIBC.setns(here, CLONE_NEWNET)
        os.close(here)
        os.close(there)


def instance(name='web', vrid=51, priority=100, state='BACKUP', interface='eth0',
             addresses=('192.0.2.100/24',), extra='', interval=1):
    """The text of one vrrp_instance."""
    return '''vrrp_instance %s {
    state %s
    interface %s
    virtual_router_id %d
    priority %d
    advert_int %s
    virtual_ipaddress {
        %s
    }
    %s
}
''' % (name, state, interface, vrid, priority, interval, '\n        '.join(addresses), extra)


class Lab:
    def __init__(self, daemon, reference, scratch, has_network=True):
        self.daemon, self.reference, self.scratch = daemon, reference, scratch
        self.daemons = []
        run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
        if has_network:
            self.make_lan()

    def make_lan(self):
        run('ip', 'link', 'set', 'lo', 'up')
        run('ip', 'link', 'add', 'lan', 'type', 'bridge', 'mcast_snooping', '0')
        # In promiscuous mode it also hears what it passes from one port to another.
        run('ip', 'link', 'set', 'lan', 'up', 'promisc', 'on')
        self.wire = Wire()

    def node(self, name, **interfaces):
        """A namespace with interfaces on the LAN: node('r1', eth0='192.0.2.1/24')."""
        return Node(self, name, interfaces or {'eth0': None})

    def forget(self, node):
        """Its name and its place on the LAN are free for another."""
        for daemon in self.daemons:
            if daemon.node is node:
                daemon.end()
        run('ip', 'netns', 'del', node.name)
        # Its interfaces go with it, a moment later.
        wait_until(lambda: node.name + '.' not in run('ip', '-o', 'link'), 'its interfaces go')

    def close(self):
        for daemon in self.daemons:
            daemon.end()

    def pair(self, first=150, second=100, extra='', **more):
        """Two routers with the same instance; returns their daemons, the first one master."""
        one = self.node('r1', eth0='192.0.2.1/24')
        two = self.node('r2', eth0='192.0.2.2/24')
        a = one.start(instance(priority=first, extra=extra, **more))
        b = two.start(instance(priority=second, extra=extra, **more))
        wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
        check(not two.holds('192.0.2.100'), 'both hold the address')
        return a, b


class Node:
    def __init__(self, lab, name, interfaces):
        self.lab, self.name, self.started = lab, name, 0
        self.prefix = ['ip', 'netns', 'exec', name]
        run('ip', 'netns', 'add', name)
        self.run('ip', 'link', 'set', 'lo', 'up')
        for device, address in interfaces.items():
            self.add_interface(device, address)

    def add_interface(self, device, address=None):
        port = '%s.%s' % (self.name, device)
        run('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', self.name)
        run('ip', 'link', 'set', port, 'master', 'lan', 'up')
        self.run('ip', 'link', 'set', device, 'up')
        for one in [address] if isinstance(address, str) else address or []:
            self.run('ip', 'addr', 'add', one, 'dev', device)

    def cut(self, device='eth0'):
        """Takes the node off the LAN without its interface noticing."""
        run('ip', 'link', 'set', '%s.%s' % (self.name, device), 'nomaster')

    def join(self, device='eth0'):
        run('ip', 'link', 'set', '%s.%s' % (self.name, device), 'master', 'lan')

    def run(self, *words, **options):
        return run(*self.prefix, *words, **options)

    def addresses(self, device=None):
        """[(device, address, prefix length)] of IPv4 and IPv6."""
        found = []
        for link in json.loads(self.run('ip', '-j', 'addr', 'show')):
            for one in link.get('addr_info', []):
                if one and (device is None or link['ifname'] == device):
                    found.append((link['ifname'], one['local'], one['prefixlen']))
        return found

    def holds(self, address):
        return any(one[1] == address for one in self.addresses())

    def path(self, name):
        return os.path.join(self.lab.scratch, '%s.%s' % (self.name, name))

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        with open(path, 'wb') as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def start(self, text, program=None, options=(), environment=None, name=None, details=True):
        self.started += 1
        name = name or 'd%d' % self.started
        if details:
            options = ('-D', *options)
        daemon = Daemon(self, name, text, program or self.lab.daemon, options, environment or {})
        self.lab.daemons.append(daemon)
        return daemon

    def start_reference(self, text, options=()):
        """The real keepalived, on the same configuration."""
        return self.start(text, program=self.lab.reference, options=options,
                          name='reference%d' % (self.started + 1))


class Host(Node):
    """The machine's own namespaces, where run.py put the case there (IN_INITIAL_NAMESPACES)."""

    def __init__(self, lab, device, address):
        self.lab, self.name, self.started, self.prefix = lab, device, 0, []
        run('ip', 'link', 'add', device, 'type', 'dummy')
        run('ip', 'link', 'set', device, 'up')
        run('ip', 'addr', 'add', address, 'dev', device)


class Daemon:
    """A running martletd (or keepalived) with its configuration, pid file and console log."""

    def __init__(self, node, name, text, program, options, environment):
        self.node, self.name = node, name
        self.configuration = node.write(name + '.conf', text)
        self.pid_file = node.path(name + '.pid')
        self.log_path = node.path(name + '.log')
        folder = node.path(name + '.tmp')
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        words = [*node.prefix, program, '-n', '-l', '-f',
                 self.configuration, '-p', self.pid_file, *options]
        if program == node.lab.reference:
            words += ['-P', '-r', node.path(name + '.vrrp.pid')]
        self.words = words
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, 'TMPDIR': folder, **environment}, start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    @property
    def engine(self):
        """The process id of the engine: the keeper's child that runs the same program."""
        def find():
            for child in self.children():
                if exists(child) and name_of(child) == name_of(self.pid):
                    return child
        return wait_until(find, 'an engine under %d' % self.pid)

    def children(self):
        try:
            with open('/proc/%d/task/%d/children' % (self.pid, self.pid)) as file:
                return [int(word) for word in file.read().split()]
        except FileNotFoundError:
            return []

    def log(self):
        with open(self.log_path, errors='replace') as file:
            return file.read()

    def said(self, text):
        return text in self.log()

    def wait_said(self, text, timeout=10.0):
        wait_until(lambda: self.said(text), 'the log says "%s"' % text, timeout)

    def kill(self, signal_number):
        os.kill(self.pid, signal_number)

    def reload(self, text):
        self.node.write(self.name + '.conf', text)
        self.kill(signal.SIGHUP)

    def stop(self, timeout=10.0):
        """SIGTERM; returns the exit status."""
        self.kill(signal.SIGTERM)
        return self.exit_status(timeout)

    def exit_status(self, timeout=10.0):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure('%s did not end within %g s' % (self.name, timeout)) from None

    def kill_all(self):
        """kill -9 of keeper and engine together, by their pids."""
        engine = self.engine
        os.kill(self.pid, signal.SIGSTOP)
        for pid in (engine, self.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def exists(pid):
    """Whether the process lives (a corpse does not)."""
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


def name_of(pid):
    try:
        return os.readlink('/proc/%d/exe' % pid)
    except OSError:
        return None


class Wire:
    """Every frame on the LAN, with the kernel's time stamps."""

    def __init__(self):
        self.adverts, self.announcements, self.frames = [], [], 0
        self.raw = []  # (time, frame) of every VRRP frame
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(PACKET_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(('lan', 0))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            frame, ancillary, _, _ = self.socket.recvmsg(4096, 64)
            stamp = time.time()
            for _, kind, data in ancillary:
                if kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack('qq', data[:16])
                    stamp = seconds + nanoseconds / 1e9
            self.frames += 1
            self.sort(stamp, frame)

    def sort(self, stamp, frame):
        kind = frame[12:14]
        if kind == b'\x08\x00' and frame[23] in (51, 112):
            self.raw.append((stamp, frame))
            self.adverts.append(parse_advertisement(stamp, frame[14:]))
        elif kind == b'\x86\xdd' and frame[20] == 112:
            self.raw.append((stamp, frame))
            self.adverts.append(parse_advertisement6(stamp, frame[14:]))
        elif kind == b'\x08\x06' and frame[28:32] == frame[38:42]:
            self.announcements.append(
                Announcement(stamp, frame[22:28].hex(':'), socket.inet_ntoa(frame[28:32])))

    def heard(self, source=None, since=0.0, priority=None, vrid=None):
        return [one for one in list(self.adverts)
                if one.time >= since and source in (None, one.source)
                and priority in (None, one.priority) and vrid in (None, one.vrid)]

    def wait_heard(self, what, timeout=10.0, **selection):
        """The first advertisement that matches."""
        return wait_until(lambda: self.heard(**selection), what, timeout)[0]

    def send(self, frame):
        self.socket.send(frame)


def parse_advertisement(stamp, packet):
    vrrp = packet[(packet[0] & 15) * 4:]
    if packet[9] == 51:
        vrrp = vrrp[24:]
    count = vrrp[3]
    interval = vrrp[5] if vrrp[0] >> 4 == 2 else struct.unpack('>H', vrrp[4:6])[0] & 0xfff
    addresses = [socket.inet_ntoa(vrrp[8 + 4 * i:12 + 4 * i])
                 for i in range(count) if len(vrrp) >= 12 + 4 * i]
    return Advertisement(stamp, socket.inet_ntoa(packet[12:16]), vrrp[0] >> 4, vrrp[1], vrrp[2],
                         vrrp[4], interval, addresses)


def parse_advertisement6(stamp, packet):
    vrrp = packet[40:]
    source = socket.inet_ntop(socket.AF_INET6, packet[8:24])
    addresses = [socket.inet_ntop(socket.AF_INET6, vrrp[8 + 16 * i:24 + 16 * i])
                 for i in range(vrrp[3]) if len(vrrp) >= 24 + 16 * i]
    return Advertisement(stamp, source, vrrp[0] >> 4, vrrp[1], vrrp[2], 0,
                         struct.unpack('>H', vrrp[4:6])[0] & 0xfff, addresses)


def checksum(data):
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def advertisement(source, priority, vrid=51, addresses=('192.0.2.100',), interval=1, ttl=255,
                  body=None):
    """An Ethernet frame with a VRRPv2 advertisement without authentication; `body` replaces it."""
    vrrp = bytearray(struct.pack('>BBBBBBH', 0x21, vrid, priority, len(addresses), 0, interval, 0))
    for address in addresses:
        vrrp += socket.inet_aton(address)
    vrrp += bytes(8)
    vrrp[6:8] = struct.pack('>H', checksum(vrrp))
    if body is not None:
        vrrp = body
    header = bytearray(struct.pack('>BBHHHBBH', 0x45, 0xc0, 20 + len(vrrp), 1, 0, ttl, 112, 0)
                       + socket.inet_aton(source) + socket.inet_aton('224.0.0.18'))
    header[10:12] = struct.pack('>H', checksum(header))
    ethernet = bytes.fromhex('01005e000012') + bytes.fromhex('0200000000fe') + b'\x08\x00'
    return ethernet + bytes(header) + bytes(vrrp)


class Client:
    """Asks an address for an echo every few milliseconds, and records which questions were answered."""

    def __init__(self, node, address, period=0.002):
        self.address, self.period, self.running = address, period, True
        self.sent, self.answered = {}, {}
        self.socket = inside(node.name, lambda: socket.socket(
            socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.threads = [threading.Thread(target=one, daemon=True) for one in (self.ask, self.hear)]
        for one in self.threads:
            one.start()

    def ask(self):
        number = 0
        while self.running:
            number = (number + 1) & 0xffffffff
            packet = bytearray(struct.pack('>BBHHHI', 8, 0, 0, 0x4d41, number & 0xffff, number))
            packet[2:4] = struct.pack('>H', checksum(packet))
            self.sent[number] = time.time()
            try:
                self.socket.sendto(packet, (self.address, 0))
            except OSError:
                pass
            time.sleep(self.period)

    def hear(self):
        while self.running:
            packet, ancillary, _, _ = self.socket.recvmsg(2048, 64)
            if packet[20] != 0 or packet[24:26] != b'MA':
                continue
            seconds, nanoseconds = struct.unpack('qq', ancillary[0][2][:16])
            self.answered[struct.unpack('>I', packet[28:32])[0]] = seconds + nanoseconds / 1e9

    def stop(self):
        self.running = False

    def first_answer(self, after):
        """When the first answer came to a question that was asked after `after`, or None."""
        times = [answer for number, answer in list(self.answered.items())
                 if self.sent[number] > after]
        return min(times) if times else None

    def longest_silence(self):
        """(start, seconds) of the longest time without an answer."""
        times = sorted(self.answered.values())
        gaps = [(second - first, first) for first, second in zip(times, times[1:])]
        length, start = max(gaps) if gaps else (0, 0)
        return start, length
