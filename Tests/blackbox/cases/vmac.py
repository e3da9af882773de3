"""use_vmac: addresses on a macvlan of our own, with the virtual MAC of the RFC."""
import os
import signal
import time

from lab import Client, check, instance, stays, wait_until
from links import Frames, arp_settings, holds, is_up, link, setting

MAC = '00:00:5e:00:01:33'  # VRID 51
ADDRESS = '192.0.2.100'


def _master(lab, extra='use_vmac', **more):
    node = lab.node('r1', eth0='192.0.2.1/24')
    frames = Frames()
    daemon = node.start(instance(priority=150, extra=extra, **more))
    return node, daemon, frames


def interface_and_wire(lab):
    """A private macvlan holds the address; everything about it carries the virtual MAC."""
    node, daemon, frames = _master(lab)
    wait_until(lambda: link(node, 'vrrp.51'), 'the interface is made')
    check('UP' not in link(node, 'vrrp.51')['flags'], 'the interface is up in BACKUP')
    wait_until(lambda: holds(node), 'the interface holds the address')
    made = link(node, 'vrrp.51')
    check(made['address'] == MAC, 'its MAC is ' + made['address'])
    check(made['linkinfo']['info_data']['mode'] == 'private', 'its mode')
    check('UP' in made['flags'], 'it is up')
    check(not holds(node, 'eth0'), 'eth0 holds the address too')
    wait_until(lambda: len(frames.adverts('192.0.2.1')) > 1, 'advertisements')
    macs = {mac for mac, _ in frames.adverts('192.0.2.1')}
    check(macs == {MAC}, 'advertisements from %s' % macs)
    check(frames.arps(ADDRESS) == {(MAC, MAC)}, 'ARP says %s' % frames.arps(ADDRESS))
    client = lab.node('client', eth0='192.0.2.9/24')
    asking = Client(client, ADDRESS)
    wait_until(lambda: asking.first_answer(0), 'the address answers')
    asking.stop()
    check(frames.arps(ADDRESS) == {(MAC, MAC)}, 'ARP says %s' % frames.arps(ADDRESS))
    own = Client(client, '192.0.2.1')
    wait_until(lambda: own.first_answer(0), "the interface's own address answers")
    own.stop()
    check(MAC not in {mac for mac, _ in frames.arps('192.0.2.1')}, 'the virtual MAC speaks for eth0')
    check(daemon.stop() == 0, 'exit status')
    check(link(node, 'vrrp.51') is None, 'the interface outlived the daemon')
    check(frames.adverts('192.0.2.1')[-1] == (MAC, 0), 'priority 0 with the virtual MAC')


def settings(lab):
    """arp_ignore, accept_local, rp_filter as needed; the parent's are given back."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    node.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter')
    node.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/eth0/arp_ignore')
    daemon = node.start(instance(extra='use_vmac')
                        + instance('mail', 52, addresses=['192.0.2.101/24'], extra='use_vmac'))
    wait_until(lambda: holds(node) and holds(node, 'vrrp.52', '192.0.2.101'), 'both are held')
    for name, value in {'arp_ignore': 1, 'accept_local': 1, 'promote_secondaries': 1,
                        'rp_filter': 2}.items():
        check(setting(node, 'vrrp.51', name) == value, name)
    check(setting(node, 'eth0', 'arp_ignore') == 1, 'arp_ignore of the parent')
    check(setting(node, 'eth0', 'arp_filter') == 1, 'arp_filter of the parent')
    asking = Client(lab.node('client', eth0='192.0.2.9/24'), ADDRESS)
    wait_until(lambda: asking.first_answer(0), 'the address answers under a strict rp_filter')
    asking.stop()
    daemon.reload(instance(extra='use_vmac'))
    wait_until(lambda: link(node, 'vrrp.52') is None, 'the reload removed the second')
    check(setting(node, 'eth0', 'arp_ignore') == 1, 'the first still needs arp_ignore')
    check(holds(node), 'the first is still held')
    daemon.stop()
    check(setting(node, 'eth0', 'arp_ignore') == 0, 'arp_ignore was not given back')
    check(setting(node, 'eth0', 'arp_filter') == 0, 'arp_filter was not given back')
    check(setting(node, 'eth0', 'arp_announce') == 0, 'arp_announce was not given back')


def words(lab):
    """A name, a MAC of five bytes and the VRID, vmac_xmit_base."""
    node, _, frames = _master(lab, 'use_vmac name web0 02:00:00:11:22\n    vmac_xmit_base')
    wait_until(lambda: holds(node, 'web0'), 'web0 holds the address')
    check(link(node, 'web0')['address'] == '02:00:00:11:22:33', 'its MAC')
    real = link(node, 'eth0')['address']
    wait_until(lambda: frames.adverts('192.0.2.1'), 'advertisements')
    check({mac for mac, _ in frames.adverts('192.0.2.1')} == {real}, 'sent by eth0')


def one_address(lab):
    """use_vmac on one line of virtual_ipaddress: only that address is on a macvlan."""
    node, daemon, frames = _master(
        lab, '', addresses=['192.0.2.100/24 use_vmac', '192.0.2.101/24'])
    wait_until(lambda: holds(node) and holds(node, 'eth0', '192.0.2.101'), 'both are held')
    wait_until(lambda: frames.arps(ADDRESS), 'an announcement')
    check(frames.arps(ADDRESS) == {(MAC, MAC)}, 'ARP says %s' % frames.arps(ADDRESS))
    daemon.stop()
    check(link(node, 'vrrp.51') is None, 'the interface outlived the daemon')


def pair(lab):
    """Two of us: the master is heard though its MAC is our own; it dies, and returns."""
    a, b = lab.pair(extra='use_vmac')
    check(link(b.node, 'vrrp.51') and 'UP' not in link(b.node, 'vrrp.51')['flags'],
          'the backup has the interface, down')
    frames = Frames()
    stays(lambda: holds(a.node) and not holds(b.node), 'one master', 4)
    check(not frames.adverts('192.0.2.2'), 'the backup was silent')
    check(not [one for one in frames.list if one[1] == MAC and one[2] == '86dd'], 'no IPv6 noise')
    a.kill_all()
    a.node.cut()
    wait_until(lambda: holds(b.node), 'the backup took over')
    a.node.join()
    again = a.node.start(instance(priority=150, extra='use_vmac'))
    wait_until(lambda: holds(a.node) and not holds(b.node), 'the better router is back')
    again.stop()
    wait_until(lambda: holds(b.node), 'the backup again')


def split_heals(lab):
    """Two masters with one MAC hear each other, and the worse lets go."""
    a, b = lab.pair(extra='use_vmac')
    b.node.cut()
    wait_until(lambda: holds(b.node), 'the cut-off backup took over')
    b.node.join()
    wait_until(lambda: not holds(b.node), 'the worse router lets go', 6)
    check(holds(a.node), 'the better router keeps the address')


def with_keepalived(lab):
    """Master against a keepalived with use_vmac: it is heard, hears, and takes over in turn."""
    _interop(lab, ours=150, theirs=100)


def under_keepalived(lab):
    """Backup of a keepalived with use_vmac: quiet, takes over, and gives back."""
    _interop(lab, ours=100, theirs=150)


def _interop(lab, ours, theirs):
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    we = one.start(instance(priority=ours, extra='use_vmac'))
    they = two.start_reference(instance(priority=theirs, extra='use_vmac'))
    best, worst = (one, two) if ours > theirs else (two, one)
    wait_until(lambda: holds(best) and not holds(worst), 'the better is master', 15)
    stays(lambda: holds(best) and not holds(worst), 'one master', 4)
    (we if best is one else they).stop()
    wait_until(lambda: holds(worst), 'the other took over')
    if best is one:
        one.start(instance(priority=ours, extra='use_vmac'))
    else:
        two.start(instance(priority=theirs, extra='use_vmac'), program=lab.reference, name='again')
    wait_until(lambda: holds(best) and not holds(worst), 'the better is back', 15)


def engine_crashes(lab):
    """A killed engine is resumed: the interface stays, nobody else becomes master."""
    a, b = lab.pair(extra='use_vmac')
    index = link(a.node, 'vrrp.51')['ifindex']
    engine = a.engine
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: a.engine != engine, 'a new engine')
    stays(lambda: holds(a.node) and not holds(b.node), 'resumed without a transition', 4)
    check(link(a.node, 'vrrp.51')['ifindex'] == index, 'the same interface')


def handed_over(lab):
    """Crash loop: the keeper resigns with the virtual MAC and takes the interface away."""
    a, b = lab.pair(extra='use_vmac')
    frames = Frames()
    for _ in range(2):
        engine = a.engine
        os.kill(engine, signal.SIGKILL)
        wait_until(lambda: not a.children() or a.engine != engine, 'the engine is replaced')
    wait_until(lambda: holds(b.node), 'the peer took over')
    check((MAC, 0) in frames.adverts('192.0.2.1'), 'priority 0 with the virtual MAC')
    check(not holds(a.node), 'the address is gone')


def leftovers(lab):
    """Both processes killed: the next start goes on with the interface; --cleanup removes it."""
    node, daemon, _ = _master(lab)
    wait_until(lambda: holds(node), 'the address is held')
    index = link(node, 'vrrp.51')['ifindex']
    daemon.kill_all()
    check(holds(node), 'a killed daemon leaves its address')
    again = node.start(instance(priority=150, extra='use_vmac'), name=daemon.name)
    wait_until(lambda: not holds(node), 'the leftover address is removed')
    wait_until(lambda: holds(node), 'and held again as master')
    check(link(node, 'vrrp.51')['ifindex'] == index, 'the interface was not reused')
    again.kill_all()
    node.run(lab.daemon, '--cleanup', '-f', node.path(daemon.name + '.conf'),
             '-p', node.path(daemon.name + '.pid'))
    check(link(node, 'vrrp.51') is None, '--cleanup left the interface')
    check(setting(node, 'eth0', 'arp_filter') == 0, '--cleanup left arp_filter')


def _parent(node, device='eth0'):
    return {name: setting(node, device, name) for name in ('arp_ignore', 'arp_filter', 'arp_announce')}


def another_link_of_that_name(lab):
    """A reload that gives the name to another VRID or interface: a parent that is left has back what
    it had, and so has the last one at the end."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    before = _parent(node)

    def is_so(word, value):
        return (link(node, 'mine') or {}).get(word) == value and holds(node, 'mine')
    daemon = node.start(instance(priority=150, extra='use_vmac mine'))
    wait_until(lambda: holds(node, 'mine'), 'the address is held')
    daemon.reload(instance(vrid=52, priority=150, extra='use_vmac mine'))
    wait_until(lambda: is_so('address', MAC[:-2] + '34'), 'the other MAC')
    check(_parent(node) != before, 'the parent is as it was')
    daemon.reload(instance(vrid=52, priority=150, interface='eth1', extra='use_vmac mine'))
    wait_until(lambda: is_so('link', 'eth1'), 'the other parent')
    check(_parent(node) == before, 'settings are left: %s' % _parent(node))
    check(daemon.stop() == 0, 'exit status')
    check(_parent(node, 'eth1') == before, 'settings are left: %s' % _parent(node, 'eth1'))


def leftovers_not_declared(lab):
    """Both killed, and the next text declares another link or none: the old one goes at that start,
    or with --cleanup, and its parent has back what it had. Another daemon's link stays."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    before = _parent(node), _parent(node, 'eth1')
    other = node.start(instance('other', 99, interface='eth1', addresses=['198.51.100.99/24'],
                                extra='use_vmac'), name='other')
    wait_until(lambda: holds(node, 'vrrp.99', '198.51.100.99'), "another daemon's address")
    for text, device, parent in (
            (instance(priority=150), 'eth0', None),
            (instance(priority=150, extra='use_vmac another'), 'another', 'eth0'),
            (instance(vrid=52, priority=150, extra='use_vmac'), 'vrrp.52', 'eth0'),
            (instance(priority=150, interface='eth1', extra='use_vmac'), 'vrrp.51', 'eth1'),
            (instance(priority=150, interface='eth1', extra='use_vmac other'), 'other', 'eth1'),
            (None, None, None)):
        daemon = node.start(instance(priority=150, extra='use_vmac'), name='d')
        wait_until(lambda: holds(node), 'the address is held')
        daemon.kill_all()
        node.write('d.conf', text or instance(priority=150))
        if text is None:
            node.run(lab.daemon, '--cleanup', '-f', daemon.configuration, '-p', daemon.pid_file)
        else:
            again = node.start(text, name='d')
            wait_until(lambda: holds(node, device) and (link(node, device) or {}).get('link') == parent,
                       'held on ' + device)
            if device != 'vrrp.51':
                check(link(node, 'vrrp.51') is None, 'the interface is left beside ' + device)
            if parent != 'eth0':
                check(_parent(node) == before[0], 'beside %s: %s' % (device, _parent(node)))
            check(again.stop() == 0, 'exit status')
        check(link(node, 'vrrp.51') is None, 'the interface is left')
        check(_parent(node) == before[0], 'settings are left: %s' % _parent(node))
        check(holds(node, 'vrrp.99', '198.51.100.99'), "another daemon's link went")
    check(other.stop() == 0, 'exit status')
    check(_parent(node, 'eth1') == before[1], 'settings are left: %s' % _parent(node, 'eth1'))


def many(lab):
    """255 virtual MACs on one interface: all are mastered, and none outlives the daemon."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(''.join(
        instance('i%d' % vrid, vrid, addresses=['198.51.100.%d/32' % vrid], extra='use_vmac')
        for vrid in range(1, 256)))

    def held():
        return sum(one[1].startswith('198.51.100.') for one in node.addresses())
    wait_until(lambda: held() == 255, 'all are held', 60)
    check(len(os.listdir('/proc/%d/fd' % daemon.engine)) > 255, 'a socket on each')
    check(daemon.stop(30) == 0, 'exit status')
    left = node.run('ip', '-br', 'link')
    check('vrrp.' not in left, 'some outlived the daemon: ' + left)


def removed_by_others(lab):
    """Somebody deletes the master's interface: all is back long before the next advertisement."""
    extra = 'use_vmac\nvirtual_routes {\n203.0.113.0/24 via 192.0.2.9 dev vrrp.51\n}'
    node, daemon, frames = _master(lab, extra)
    wait_until(lambda: holds(node), 'the address is held')
    daemon.reload(instance(priority=150, extra=extra, interval=80))
    wait_until(lambda: lab.wire.heard()[-1].interval == 80, '80 s between advertisements')
    asking = Client(lab.node('client', eth0='192.0.2.9/24'), ADDRESS)
    wait_until(lambda: asking.first_answer(0), 'the address answers')
    for _ in range(2):
        node.run('ip', 'link', 'del', 'vrrp.51')
        since = time.time()
        wait_until(lambda: is_up(node) and '203.0.113.0' in node.run('ip', 'route'),
                   'interface, address and route are back', 5)
        wait_until(lambda: asking.first_answer(since), 'the address answers again', 5)
    check(daemon.log().count('vrrp.51 was deleted: made it again') == 2, 'the log says why')
    check(not daemon.said('No such device') and not daemon.said('FAULT'), 'the log tells of failures')
    daemon.reload(instance(priority=150, extra=extra))
    wait_until(lambda: lab.wire.heard()[-1].interval == 1, 'a second between them again')
    frames.list.clear()
    wait_until(lambda: (MAC, 150) in frames.adverts('192.0.2.1'), 'advertisements go on')


def parent_after_others(lab):
    """Whatever somebody did to the interface, and a crash: the parent gets its own settings back."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    node.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_announce')
    for what in ['del vrrp.51', 'set vrrp.51 address 02:00:00:00:00:99', 'set vrrp.51 alias none']:
        before = arp_settings(node)
        daemon = node.start(instance(priority=150, extra='use_vmac'))
        wait_until(lambda: holds(node), 'the address is held')
        index = link(node, 'vrrp.51')['ifindex']
        node.run('ip', 'link', *what.split())
        if 'alias' not in what:
            wait_until(lambda: is_up(node) and link(node, 'vrrp.51')['ifindex'] != index, 'remade')
            engine = daemon.engine
            os.kill(engine, signal.SIGKILL)
            wait_until(lambda: daemon.engine != engine, 'a new engine')
        check(arp_settings(node) != before and daemon.stop() == 0, 'prepared, and stopped')
        check(not link(node, 'vrrp.51'), '%s: the interface outlived the daemon' % what)
        check(arp_settings(node) == before, '%s: the parent has %s' % (what, arp_settings(node)))


def parent_after_reload(lab):
    """A reload puts the interface on another parent: the former gets its settings back."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    before = arp_settings(node)
    daemon = node.start(instance(extra='use_vmac'))
    wait_until(lambda: holds(node), 'the address is held')
    daemon.reload(instance(extra='use_vmac', interface='eth1'))
    wait_until(lambda: arp_settings(node) == before, 'eth0 has its own settings')
    wait_until(lambda: is_up(node), 'the address is held again')
    daemon.reload(instance(extra='use_vmac web0', interface='eth1'))
    wait_until(lambda: link(node, 'web0') and not link(node, 'vrrp.51'), 'it has another name')
    check(arp_settings(node, 'eth1') != before, 'eth1 is not prepared')
    daemon.stop()
    check(arp_settings(node, 'eth1') == before, 'eth1 has %s' % arp_settings(node, 'eth1'))


def renamed_by_others(lab):
    """Somebody renames the interface: another takes its place, and neither outlives the daemon."""
    a, b = lab.pair(extra='use_vmac')
    b.node.run('ip', 'link', 'set', 'vrrp.51', 'name', 'foo')
    a.node.run('sh', '-c', 'ip link set vrrp.51 down; ip link set vrrp.51 name foo')
    for daemon in a, b:
        daemon.wait_said('somebody renamed the interface vrrp.51 to foo')
        wait_until(lambda: link(daemon.node, 'vrrp.51'), 'there is one again')
    wait_until(lambda: is_up(a.node), 'the master goes on')
    for daemon in b, a:
        daemon.stop()
        check(not link(daemon.node, 'foo') and not link(daemon.node, 'vrrp.51'), 'one is left')
        check(arp_settings(daemon.node) == [0, 0, 0], 'eth0 has %s' % arp_settings(daemon.node))


def parent_returns(lab):
    """The parent is deleted and made anew: FAULT, then master again on a new interface."""
    node, daemon, _ = _master(lab)
    wait_until(lambda: holds(node), 'the address is held')
    node.run('ip', 'link', 'del', 'eth0')
    daemon.wait_said('Entering FAULT')
    node.add_interface('eth0', '192.0.2.1/24')
    wait_until(lambda: holds(node), 'master again')


def a_backup_takes_it_along(lab):
    """The interface of a node that never was master is gone after its stop, too."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance(extra='use_vmac', interval=20))
    wait_until(lambda: link(node, 'vrrp.51') is not None, 'the interface is made')
    daemon.wait_said('Entering BACKUP STATE')
    check(daemon.stop() == 0, 'exit status')
    check(link(node, 'vrrp.51') is None, 'the interface is left')
