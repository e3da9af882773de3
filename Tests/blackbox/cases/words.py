"""Keywords about the machine: no_accept, delays of links, secondaries, IGMP; one VRID for two; keys."""
import os
import signal
import socket
import subprocess
import time

from lab import check, inside, instance, stays, wait_until

NO_ACCEPT = instance(priority=150, extra='no_accept')


def _answers(node, address, timeout=0.3):
    """Whether a connection to the address is refused (nobody listens there) and not met by silence."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET

    def ask():
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.settimeout(timeout)
            scope = socket.if_nametoindex('eth0') if address.startswith('fe80') else 0
            target = (address, 7, 0, scope) if family == socket.AF_INET6 else (address, 7)
            try:
                one.connect(target)
            except ConnectionRefusedError:
                return True
            except OSError:
                return False
            return True
    return inside(node.name, ask)


def _tables(node):
    return node.run('nft', 'list', 'tables').split('\n')[:-1]


def _neighbour(node, address):
    """The MAC that a node knows of an address; None where it knows none."""
    words = node.run('ip', 'neigh', 'show', address, 'dev', 'eth0').split()
    return words[words.index('lladdr') + 1] if 'lladdr' in words else None


def no_accept_drops(lab):
    """What is sent to the address is dropped, what is sent to the node is not, and ARP answers."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    client = lab.node('client', eth0='192.0.2.9/24')
    daemon = node.start(NO_ACCEPT + instance('open', 52, 150, addresses=('192.0.2.101/24',)))
    wait_until(lambda: node.holds('192.0.2.100') and node.holds('192.0.2.101'), 'both addresses')
    wait_until(lambda: _answers(client, '192.0.2.101'), 'an instance without no_accept answers')
    check(_answers(client, '192.0.2.1'), 'the node itself does not answer')
    check(not _answers(client, '192.0.2.100'), 'the address answers')
    check(_neighbour(client, '192.0.2.100'), 'ARP does not answer')
    check(_tables(node) == ['table inet keepalived'], _tables(node))
    check(daemon.stop() == 0, 'exit status')
    check(_tables(node) == [], 'left behind: %s' % _tables(node))


def no_accept_ipv6(lab):
    """The same for IPv6, link-local addresses too; Neighbor Discovery goes on."""
    node = lab.node('r1', eth0='2001:db8::1/64')
    client = lab.node('client', eth0='2001:db8::9/64')
    node.start(instance(priority=150, extra='no_accept',
                        addresses=('fe80::100/64', '2001:db8::100/64')))
    wait_until(lambda: node.holds('2001:db8::100'), 'the address')
    wait_until(lambda: _answers(client, '2001:db8::1'), 'the node itself answers')
    for address in ('2001:db8::100', 'fe80::100'):
        check(not _answers(client, address), address + ' answers')
        wait_until(lambda: _neighbour(client, address), 'Neighbor Discovery of ' + address)
        # Asks the address itself, no group.
        client.run('ip', 'neigh', 'change', address, 'dev', 'eth0', 'nud', 'probe')
        wait_until(lambda: 'REACHABLE' in client.run('ip', 'neigh', 'show', address),
                   'an answer to whom asks %s itself' % address)


def no_accept_comes_and_goes(lab):
    """The rules are there in MASTER only, whoever flushes, and whatever is killed."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    client = lab.node('client', eth0='192.0.2.9/24')
    daemon = node.start(NO_ACCEPT)
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')
    node.run('nft', 'flush', 'ruleset')
    check(not _answers(client, '192.0.2.100'), 'the address answers after a flush')
    before = daemon.engine
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: daemon.engine != before and _tables(node), 'a successor blocks it again')
    check(node.holds('192.0.2.100'), 'the address went')
    check(not _answers(client, '192.0.2.100'), 'the address answers after a crash')
    node.run('ip', 'link', 'set', 'eth0', 'down')
    wait_until(lambda: _tables(node) == [], 'no rules in FAULT')
    node.run('ip', 'link', 'set', 'eth0', 'up')
    wait_until(lambda: _tables(node) and node.holds('192.0.2.100'), 'rules in MASTER')
    daemon.kill_all()
    wait_until(lambda: _tables(node) == [], 'nothing outlives the daemon')


def no_accept_through_a_crash(lab):
    """An engine that is killed leaves no moment in which the address answers."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    client = lab.node('client', eth0='192.0.2.9/24')
    daemon = node.start(NO_ACCEPT)
    wait_until(lambda: node.holds('192.0.2.100') and _neighbour_of(client), 'the address')
    before = daemon.engine

    def ask():
        """Port unreachable comes back where a datagram was let in."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.connect(('192.0.2.100', 7))
            one.setblocking(False)
            os.kill(before, signal.SIGKILL)
            end = time.time() + 1
            while time.time() < end:
                try:
                    one.send(b'?')
                    one.recv(64)
                except BlockingIOError:
                    pass
                except ConnectionRefusedError:
                    return False
                time.sleep(0.0005)
        return True
    check(inside(client.name, ask), 'the address answered')
    wait_until(lambda: daemon.engine != before, 'a successor')
    check(_tables(node) == ['table inet keepalived'], _tables(node))
    check(node.holds('192.0.2.100') and not _answers(client, '192.0.2.100'), 'not blocked')
    check(daemon.stop() == 0, 'exit status')
    check(_tables(node) == [], 'left behind: %s' % _tables(node))


def _neighbour_of(client):
    """It knows the address before anybody is killed: nothing waits for ARP."""
    _answers(client, '192.0.2.100')
    return _neighbour(client, '192.0.2.100')


def no_accept_leftover(lab):
    """A table of ours without an owner, as old kernels leave it, is removed by --cleanup; one of
    somebody else's stays."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    path = node.write('c.conf', NO_ACCEPT)
    words = (lab.daemon, '--cleanup', '-l', '-n', '-f', path, '-p', node.path('c.pid'))
    node.run('nft', 'add', 'table', 'inet', 'keepalived')
    node.run(*words)
    check(_tables(node) == ['table inet keepalived'], 'a table of somebody else went')
    node.run('nft', 'add', 'chain', 'inet', 'keepalived', 'martlet-in')
    node.run(*words)
    check(_tables(node) == [], 'left behind: %s' % _tables(node))


def no_accept_reload(lab):
    """A reload opens and closes the address without a transition, and moves the table."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    client = lab.node('client', eth0='192.0.2.9/24')
    daemon = node.start(NO_ACCEPT)
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')
    daemon.reload(instance(priority=150))
    wait_until(lambda: _answers(client, '192.0.2.100'), 'accepting, it answers')
    check(_tables(node) == [], 'a table without need: %s' % _tables(node))
    daemon.reload('global_defs {\n nftables vips\n nftables_counters\n}\n' + NO_ACCEPT)
    wait_until(lambda: _tables(node) == ['table inet vips'], 'another table')
    check(not _answers(client, '192.0.2.100'), 'the address answers')
    text = node.run('nft', 'list', 'table', 'inet', 'vips')
    check('@vips counter packets' in text, text)
    daemon.reload(NO_ACCEPT)
    wait_until(lambda: _tables(node) == ['table inet keepalived'], 'the first table')
    check(daemon.log().count('Entering') == 2, 'a reload made transitions')


def strict_mode_drops(lab):
    """Strict mode is no_accept, unless the address is the owner's."""
    node = lab.node('r1', eth0=['192.0.2.1/24', '192.0.2.101/24'])
    client = lab.node('client', eth0='192.0.2.9/24')
    node.start('global_defs {\n vrrp_strict\n}\n' + instance(priority=150)
               + instance('own', 52, 255, 'MASTER', addresses=('192.0.2.101/24',)))
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')
    check(not _answers(client, '192.0.2.100'), 'the address answers')
    check(_answers(client, '192.0.2.101'), 'the owner does not answer')


def no_accept_virtual_mac(lab):
    """With use_vmac, link-local addresses are dropped on the virtual interface, also on a new one."""
    node = lab.node('r1', eth0='2001:db8::1/64')
    client = lab.node('client', eth0='2001:db8::9/64')
    node.start(instance(priority=150, extra='no_accept\n promote_secondaries\n use_vmac vr51',
                        addresses=('fe80::100/64', '2001:db8::100/64')))
    wait_until(lambda: node.holds('fe80::100'), 'the address')
    wait_until(lambda: _answers(client, '2001:db8::1'), 'the node itself answers')
    check(not _answers(client, 'fe80::100'), 'fe80::100 answers')
    check(not _answers(client, '2001:db8::100'), '2001:db8::100 answers')
    node.run('ip', 'link', 'del', 'vr51')
    wait_until(lambda: node.holds('fe80::100'), 'the address is back')
    wait_until(lambda: not _answers(client, 'fe80::100'), 'it is dropped again')


def delays_of_links(lab):
    """interface_up_down_delays: a short loss of the carrier is none, a long one is FAULT, and
    coming back takes its time."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start('interface_up_down_delays {\n eth0 1 2\n}\n' + instance(priority=150))
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')

    def port(state):
        subprocess.run(['ip', 'link', 'set', 'r1.eth0', state], check=True)
    port('down')
    time.sleep(0.2)
    port('up')
    stays(lambda: not daemon.said('FAULT'), 'no FAULT for a flicker', 1.5)
    check(node.holds('192.0.2.100'), 'the address went')
    start = time.time()
    port('down')
    daemon.wait_said('Entering FAULT STATE')
    check(time.time() - start > 0.9, 'FAULT after %.2f s' % (time.time() - start))
    start = time.time()
    port('up')
    wait_until(lambda: daemon.log().count('Entering BACKUP STATE') == 2, 'BACKUP again')
    check(time.time() - start > 1.9, 'BACKUP after %.2f s' % (time.time() - start))


def promoted_secondaries(lab):
    """promote_secondaries: an address in the subnet of ours outlives ours; then the interface has
    the setting back that it had."""
    node = lab.node('r1', eth0='192.0.2.1/24')

    def setting():
        return node.run('cat', '/proc/sys/net/ipv4/conf/eth0/promote_secondaries').strip()
    node.run('sh', '-c',
             'echo 0 > /proc/sys/net/ipv4/conf/eth0/promote_secondaries')
    daemon = node.start(instance(priority=150, extra='promote_secondaries',
                                 addresses=('198.51.100.1/24',)))
    wait_until(lambda: setting() == '1', 'the setting')
    wait_until(lambda: node.holds('198.51.100.1'), 'the address')
    node.run('ip', 'addr', 'add', '198.51.100.77/24', 'dev', 'eth0')
    check(daemon.stop() == 0, 'exit status')
    check(not node.holds('198.51.100.1'), 'the address stays')
    check(node.holds('198.51.100.77'), 'the other address went with ours')
    check(setting() == '0', 'the setting is not put back')


def promoted_secondaries_through_a_crash(lab):
    """The engine that set it is killed: the next one knows that the setting was another."""
    node = lab.node('r1', eth0='192.0.2.1/24')

    def setting():
        return node.run('cat', '/proc/sys/net/ipv4/conf/eth0/promote_secondaries').strip()
    node.run('sh', '-c',
             'echo 0 > /proc/sys/net/ipv4/conf/eth0/promote_secondaries')
    daemon = node.start(instance(priority=150, extra='promote_secondaries'))
    wait_until(lambda: setting() == '1' and node.holds('192.0.2.100'), 'the setting')
    before = daemon.engine
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: daemon.engine != before, 'a successor')
    daemon.wait_said('goes on where it was')
    check(daemon.stop() == 0, 'exit status')
    check(setting() == '0', 'the setting is not put back')


def local_igmp(lab):
    """disable_local_igmp: the kernel does not report 224.0.0.18; put back at the end."""
    node = lab.node('r1', eth0='192.0.2.1/24')

    def setting():
        return node.run('cat', '/proc/sys/net/ipv4/igmp_link_local_mcast_reports').strip()
    before = setting()
    daemon = node.start('global_defs {\n disable_local_igmp\n}\n' + instance(priority=150))
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')
    check(setting() == '0', 'the setting is %s' % setting())
    check(daemon.stop() == 0, 'exit status')
    check(setting() == before, 'the setting is not put back')


def _server(real, virtual=''):
    return """virtual_server 192.0.2.9 80 {
 protocol TCP
 lvs_sched rr
 lvs_method NAT
 %s
 real_server 192.0.2.8 80 {
  %s
  TCP_CHECK {
  }
 }
}
""" % (virtual, real) + instance()


def _unicast(peer):
    return 'unicast_peer {\n %s\n }' % peer


def one_vrid_for_two(lab):
    """Unicast instances with one VRID hear their own peers only, also after a reload."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    three = lab.node('r3', eth0='192.0.2.3/24')
    first = instance('first', 51, 100, extra=_unicast('192.0.2.2'))
    second = instance('second', 51, 100, extra=_unicast('192.0.2.3'),
                      addresses=('192.0.2.101/24',))
    peer = two.start(instance(priority=150, extra=_unicast('192.0.2.1')))
    wait_until(lambda: two.holds('192.0.2.100'), 'r2 holds the first')
    daemon = one.start(first + second)
    wait_until(lambda: one.holds('192.0.2.101'), 'nobody else wants the second')
    check(not one.holds('192.0.2.100'), 'r1 took the first, which r2 has')
    three.start(instance(priority=150, extra=_unicast('192.0.2.1'),
                         addresses=('192.0.2.101/24',)))
    wait_until(lambda: three.holds('192.0.2.101') and not one.holds('192.0.2.101'),
               'r3 takes the second over')
    before = daemon.log().count('Entering')
    daemon.reload(second + first)
    daemon.wait_said('configuration reloaded')
    stays(lambda: not one.holds('192.0.2.100') and not one.holds('192.0.2.101'), 'BACKUP', 4.5)
    check(daemon.log().count('Entering') == before, 'a reload made transitions')
    check(peer.stop() == 0, 'exit status')
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 takes the first over')
    check(not one.holds('192.0.2.101'), 'and the second')


def no_key_no_quarrel(lab):
    """A node whose key is missing stays behind those that have it, and serves where they do not."""
    key = '0123456789abcdef0123456789abcdef'
    good = lab.node('r1', eth0='192.0.2.1/24')
    poor = lab.node('r2', eth0='192.0.2.2/24')
    text = instance(priority=100, extra='version 3\n auth_hmac {\n key 1 %s\n }' % key)
    lost = instance(priority=200, extra='version 3\n auth_hmac {\n key 1 file:/nowhere\n }')
    a = good.start(text)
    wait_until(lambda: good.holds('192.0.2.100'), 'r1 holds it')
    b = poor.start(lost)
    b.wait_said('no key to sign with')
    stays(lambda: good.holds('192.0.2.100') and not poor.holds('192.0.2.100'), 'r1 alone', 5)
    check(a.stop() == 0, 'exit status')
    wait_until(lambda: poor.holds('192.0.2.100'), 'r2 is the last resort')
    good.start(text)
    wait_until(lambda: good.holds('192.0.2.100') and not poor.holds('192.0.2.100'),
               'r2 makes way for the one with the key', 15)


def verdicts(lab):
    """Combinations that cannot be: -t ends as keepalived's does."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    other = instance('mail', addresses=('192.0.2.101/24',), extra='%s')
    texts = {
        'authentication with version 3': instance(
            extra='version 3\n authentication {\n auth_type PASS\n auth_pass x\n }'),
        'both families': instance(addresses=('192.0.2.100/24', '2001:db8::1/64')),
        'half a second with version 2': instance(interval=0.5),
        'more than 255 addresses': instance(
            addresses=['10.0.%d.%d/16' % (n // 200, n % 200 + 1) for n in range(256)]),
        'one VRID twice': instance() + other % '',
        'one peer twice': instance(extra=_unicast('192.0.2.2')) + other % _unicast('192.0.2.2'),
        'two peers': instance(extra=_unicast('192.0.2.2')) + other % _unicast('192.0.2.3'),
        'multicast and unicast': instance() + other % _unicast('192.0.2.3'),
        'version 2 in strict mode accepts': instance(extra='strict_mode on\n accept'),
        'a MAC in strict mode': instance(extra='strict_mode on\n use_vmac v 02:00:00:00:00:05'),
        'a delay that is too long': 'interface_up_down_delays {\n eth0 256\n}\n' + instance(),
        'linkbeat in an instance': instance(extra='linkbeat_use_polling'),
        'linkbeat outside': 'linkbeat_interfaces {\n eth0 MII\n}\n' + instance(),
        'secondaries of a virtual interface': instance(extra='use_vmac\n promote_secondaries'),
        'a script without a name': 'vrrp_script {\n script /bin/true\n}\n' + instance(),
        'an instance without a name': 'vrrp_instance {\n}\n' + instance(),
        'a block for a value': instance(extra='mcast_src_ip {\n }'),
        'words that are left over': instance(extra='nopreempt 1\n smtp_alert off now'),
        'no repetition': instance(extra='garp_master_repeat 0'),
        'a tracked interface that is not there': instance(extra='track_interface {\n eth7\n }'),
        'a script at the start': 'global_defs {\n startup_script /bin/true\n}\n' + instance(),
        'an ipvlan without address': instance(extra='use_ipvlan'),
        'a script of a real server': _server('notify_down /bin/true'),
        'a persistence of nothing': _server('', 'persistence_timeout 0'),
        'a server without weight': _server('weight 0'),
        'iptables': 'global_defs {\n vrrp_iptables\n}\n' + instance(),
    }
    for what, text in texts.items():
        path = node.write('t.conf', text)
        codes = [subprocess.run(['ip', 'netns', 'exec', 'r1', program, '-t', '-l', '-f', path],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
                 for program in (lab.daemon, lab.reference)]
        check(codes[0] == codes[1], '%s: %d, keepalived %d' % (what, *codes))


def a_block_without_a_name(lab):
    """Nothing starts with it, as with keepalived; a daemon that runs goes on with what it has."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    nameless = 'vrrp_script {\n script /bin/true\n}\n' + instance(priority=120)
    path = node.write('t.conf', nameless)
    done = subprocess.run(['ip', 'netns', 'exec', 'r1', lab.daemon, '-n', '-l', '-f', path,
                           '-p', path + '.pid'],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    check(done.returncode == 2, 'status %d' % done.returncode)
    daemon = node.start(instance(priority=150))
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')
    daemon.reload(nameless)
    daemon.wait_said('reload refused')
    check(node.holds('192.0.2.100'), 'the address is gone')
    since = time.time()
    check(lab.wire.wait_heard('it goes on', source='192.0.2.1', since=since).priority == 150,
          'another priority')


def keys_survive_a_reload(lab):
    """A reload that would lose the key is refused: the key of before goes on signing."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    path = node.write('key', '0123456789abcdef0123456789abcdef', 0o600)
    extra = 'version 3\n auth_hmac {\n key 1 file:%s\n }' % path
    daemon = node.start(instance(priority=150, extra=extra))
    wait_until(lambda: node.holds('192.0.2.100'), 'the address')
    os.unlink(path)
    daemon.reload(instance(priority=120, extra=extra))
    daemon.wait_said('reload refused')
    since = time.time()
    heard = lab.wire.wait_heard('it goes on', source='192.0.2.1', since=since)
    check(heard.priority == 150, 'priority %d' % heard.priority)
    frame = [raw for stamp, raw in lab.wire.raw if stamp == heard.time][0]
    check(len(frame) >= 14 + 20 + 12 + 28, 'it is not signed any more')


def group_resigns_before_addresses_go(lab):
    """A hand-over says priority 0 for all members of a group before the first address goes."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    text = '''vrrp_sync_group all {
    group {
        web
        mail
    }
}
''' + instance(priority=150, addresses=['192.0.2.%d/24' % n for n in range(100, 120)])
    text += instance('mail', 52, 150, addresses=('192.0.2.200/24',))
    daemon = node.start(text)
    wait_until(lambda: node.holds('192.0.2.119') and node.holds('192.0.2.200'), 'all addresses')
    before = daemon.engine
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: daemon.engine != before, 'a successor')
    lab.wire.wait_heard('it goes on', source='192.0.2.1', since=time.time())
    gone = node.path('gone')
    with open(gone, 'wb') as file:
        monitor = subprocess.Popen(
            ['ip', 'netns', 'exec', 'r1', 'ip', '-o', '-ts', 'monitor', 'address'], stdout=file)
    try:
        def seen():
            with open(gone) as file:
                return file.read()

        def watches():
            node.run('ip', 'addr', 'replace', '198.51.100.77/24', 'dev', 'eth0')
            return '198.51.100.77' in seen()
        wait_until(watches, 'the monitor watches')
        os.kill(daemon.engine, signal.SIGKILL)
        wait_until(lambda: seen().count('Deleted') >= 21, 'the addresses go')
        zeros = [lab.wire.wait_heard('priority 0 of %d' % vrid, priority=0, vrid=vrid).time
                 for vrid in (51, 52)]
        line = next(one for one in seen().split('\n') if 'Deleted' in one)
        stamp = line[1:line.index(']')]
        whole, part = stamp.split('.')
        first = time.mktime(time.strptime(whole, '%Y-%m-%dT%H:%M:%S')) + float('0.' + part)
        check(max(zeros) < first, 'an address went %.6f s before' % (max(zeros) - first))
    finally:
        monitor.terminate()
        monitor.wait()
