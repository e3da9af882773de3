"""Interfaces of an instance's own, on links that not every kernel has: ipvlan, VLAN, bond, VRF."""
import socket

from lab import Client, check, inside, instance, run, stays, wait_until
from links import Frames, holds, link

MAC = '00:00:5e:00:01:33'  # VRID 51
MAC6 = '00:00:5e:00:02:33'
ADDRESS6 = '2001:db8::100'


def _pair(lab, text, prepare=lambda node, number: None, peer=None):
    """Two routers, r1 the better one; `prepare` gives each its links."""
    nodes = []
    for number in (1, 2):
        node = lab.node('r%d' % number, eth0='192.0.2.%d/24' % number)
        prepare(node, number)
        nodes.append(node)
    start = [nodes[0].start, nodes[1].start]
    if peer in (0, 1):
        start[peer] = nodes[peer].start_reference
    return nodes, [start[0](text(150)), start[1](text(100))]


def _take_over_and_return(lab, nodes, daemons, text, name, address, reference=None):
    """The better is master; it stops, the other takes over; it starts, and is master again."""
    one, two = nodes

    def has(node):
        # keepalived may leave the addresses of an ipvlan on its parent.
        return node.holds(address) if nodes.index(node) == reference else holds(node, name, address)
    wait_until(lambda: has(one) and not has(two), 'the better is master', 20)
    stays(lambda: has(one) and not has(two), 'one master', 3)
    daemons[0].stop()
    wait_until(lambda: has(two), 'the other took over', 15)
    check(not one.holds(address), 'who stopped holds it too')
    one.start(text(150), program=lab.reference if reference == 0 else None, name='again')
    wait_until(lambda: has(one) and not has(two), 'the better is back', 20)


def _answers(client, address):
    """Whether somebody refuses a connection there."""
    def connect():
        with socket.socket(socket.AF_INET6) as one:
            one.settimeout(2)
            try:
                one.connect((address, 9))
            except ConnectionRefusedError:
                return True
            except OSError:
                return False
    return inside(client.name, connect)


def _ipv6(extra, interface='eth0', addresses=('fe80::100', ADDRESS6 + '/64')):
    return lambda priority: instance(
        priority=priority, interface=interface, addresses=addresses,
        extra='version 3\n    ' + extra)


def vmac_ipv6(lab):
    """The MAC of IPv6, a link-local source that is not the parent's, Neighbor Advertisements."""
    frames = Frames()
    text = _ipv6('use_vmac')
    nodes, daemons = _pair(lab, text)
    wait_until(lambda: holds(nodes[0], 'vrrp6.51', ADDRESS6) or holds(nodes[0], 'vrrp.51', ADDRESS6),
               'the address is held', 20)
    name = 'vrrp.51' if link(nodes[0], 'vrrp.51') else 'vrrp6.51'
    check(link(nodes[0], name)['address'] == MAC6, 'its MAC')
    wait_until(lambda: len(frames.adverts6()) > 1, 'advertisements')
    check({mac for mac, _, _ in frames.adverts6()} == {MAC6}, 'sent by %s' % frames.adverts6())
    wait_until(lambda: frames.neighbours(ADDRESS6), 'Neighbor Advertisements')
    check(frames.neighbours(ADDRESS6) == {(MAC6, MAC6)}, 'they say %s' % frames.neighbours(ADDRESS6))
    # RFC 9568 section 7.4: nothing is derived from the virtual MAC.
    derived = [one for one in nodes[0].addresses() if one[1].startswith('fe80::200:5eff:fe00:')]
    check(not derived, 'identifiers of the virtual MAC: %s' % derived)
    client = lab.node('client', eth0='2001:db8::9/64')
    wait_until(lambda: _answers(client, ADDRESS6), 'it answers')
    _take_over_and_return(lab, nodes, daemons, text, name, ADDRESS6)


def vmac_ipv6_over_keepalived(lab):
    """Better than a keepalived with an IPv6 VMAC."""
    _with_keepalived(lab, _ipv6('use_vmac'), 'vrrp.51', ADDRESS6, 1)


def vmac_ipv6_under_keepalived(lab):
    """Backup of a keepalived with an IPv6 VMAC."""
    _with_keepalived(lab, _ipv6('use_vmac'), 'vrrp.51', ADDRESS6, 0)


def vmac_v3_over_keepalived(lab):
    """Better than a keepalived with a VMAC, version 3 over IPv4."""
    _with_keepalived(lab, _vmac('version 3'), 'vrrp.51', '192.0.2.100', 1)


def vmac_v2_under_keepalived(lab):
    """Backup of a keepalived with a VMAC, version 2."""
    _with_keepalived(lab, _vmac(''), 'vrrp.51', '192.0.2.100', 0)


def ipvlan_over_keepalived(lab):
    """Better than a keepalived with use_ipvlan."""
    _with_keepalived(lab, None, 'vrrp.51', '192.0.2.100', 1)


def ipvlan_under_keepalived(lab):
    """Backup of a keepalived with use_ipvlan."""
    _with_keepalived(lab, None, 'vrrp.51', '192.0.2.100', 0)


def _vmac(extra, interface='eth0'):
    return lambda priority: instance(
        priority=priority, interface=interface, extra='use_vmac\n    ' + extra)


def _ipvlan(priority, words='', interface='eth0'):
    """Each router gives its ipvlan an address of its own."""
    own = '192.0.2.%d/24' % (11 if priority == 150 else 12)
    return instance(priority=priority, interface=interface, extra='use_ipvlan %s %s' % (own, words))


def _with_keepalived(lab, text, name, address, peer):
    text = text or _ipvlan
    nodes, daemons = _pair(lab, text, peer=peer)
    _take_over_and_return(lab, nodes, daemons, text, name, address, reference=peer)


def ipvlan(lab):
    """The addresses are on an ipvlan with the parent's MAC; the other router takes over."""
    frames = Frames()
    nodes, daemons = _pair(lab, _ipvlan)
    wait_until(lambda: holds(nodes[0], 'vrrp.51'), 'the address is held', 20)
    made = link(nodes[0], 'vrrp.51')
    real = link(nodes[0], 'eth0')['address']
    check(made['linkinfo']['info_kind'] == 'ipvlan', 'its kind')
    check(made['linkinfo']['info_data'] == {'mode': 'l2', 'flags': ['bridge']}
          or made['linkinfo']['info_data'].get('mode') == 'l2', 'its mode')
    check(made['address'] == real, 'its MAC')
    wait_until(lambda: frames.arps('192.0.2.100'), 'an announcement')
    check(frames.arps('192.0.2.100') == {(real, real)}, 'ARP says %s' % frames.arps('192.0.2.100'))
    asking = Client(lab.node('client', eth0='192.0.2.9/24'), '192.0.2.100', period=0.05)
    wait_until(lambda: asking.first_answer(0), 'it answers')
    asking.stop()
    _take_over_and_return(lab, nodes, daemons, _ipvlan, 'vrrp.51', '192.0.2.100')


def ipvlan_words(lab):
    """A name, a mode and a group."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance(extra='use_ipvlan web0 192.0.2.11/24 private group 7'))
    wait_until(lambda: holds(node, 'web0'), 'web0 holds the address', 20)
    made = link(node, 'web0')
    check(made['linkinfo']['info_data'].get('private') or
          'private' in str(made['linkinfo']['info_data']), 'its mode: %s' % made['linkinfo'])
    check(made['group'] in (7, '7'), 'its group: %s' % made['group'])
    daemon.stop()
    check(link(node, 'web0') is None, 'it outlived the daemon')


def ipvlan_ipv6(lab):
    """IPv6: a link-local address of its own serves as the source."""
    text = _ipv6('use_ipvlan')
    nodes, daemons = _pair(lab, text)
    _take_over_and_return(lab, nodes, daemons, text, 'vrrp.51', ADDRESS6)


def names_and_groups(lab):
    """vmac_prefix, vmac_addr_prefix, group, use_vmac_addr for another interface and family."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    daemon = node.start('''global_defs {
    vmac_prefix vip
    vmac_addr_prefix adr
}
''' + instance(extra='''use_vmac group 7
    use_vmac_addr
    virtual_ipaddress_excluded {
        198.51.100.100/24 dev eth1
        2001:db8::100/64
    }'''))
    wait_until(lambda: holds(node, 'vip.51'), 'vip.51 holds the address', 20)
    check(link(node, 'vip.51')['group'] in (7, '7'), 'its group')
    other = wait_until(lambda: _device_of(node, '198.51.100.100'), 'the other interface')
    check(other.startswith('adr') and link(node, other)['address'] == MAC, other)
    check(link(node, other)['link'] == 'eth1', 'its parent')
    sixth = wait_until(lambda: _device_of(node, '2001:db8::100'), 'the other family')
    check(sixth.startswith('adr') and link(node, sixth)['address'] == MAC6, sixth)
    daemon.stop()
    for name in ('vip.51', other, sixth):
        check(link(node, name) is None, '%s outlived the daemon' % name)


def _device_of(node, address):
    for device, one, _ in node.addresses():
        if one == address:
            return device
    return None


def on_vlan(lab):
    """A VMAC on a VLAN: its frames carry the tag."""
    def prepare(node, number):
        node.run('ip', 'link', 'add', 'link', 'eth0', 'name', 'eth0.10', 'type', 'vlan', 'id', '10')
        node.run('ip', 'link', 'set', 'eth0.10', 'up')
        node.run('ip', 'addr', 'add', '203.0.113.%d/24' % number, 'dev', 'eth0.10')

    def text(priority):
        return instance(priority=priority, interface='eth0.10', addresses=['203.0.113.100/24'],
                        extra='use_vmac')
    nodes, daemons = _pair(lab, text, prepare)
    client = lab.node('client', eth0='192.0.2.9/24')
    prepare(client, 9)
    asking = Client(client, '203.0.113.100', period=0.05)
    wait_until(lambda: asking.first_answer(0), 'it answers', 20)
    asking.stop()
    check(link(nodes[0], 'vrrp.51')['link'] == 'eth0.10', 'its parent')
    _take_over_and_return(lab, nodes, daemons, text, 'vrrp.51', '203.0.113.100')


def on_bond(lab):
    """A VMAC on a bond: a lost member is no transition, all members lost are FAULT."""
    node = lab.node('r1', eth0=None, eth1=None)
    node.run('ip', 'link', 'add', 'bond0', 'type', 'bond', 'mode', 'active-backup', 'miimon', '50')
    for member in ('eth0', 'eth1'):
        node.run('ip', 'link', 'set', member, 'down')
        node.run('ip', 'link', 'set', member, 'master', 'bond0')
    node.run('ip', 'link', 'set', 'bond0', 'up')
    node.run('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'bond0')
    wait_until(lambda: 'LOWER_UP' in node.run('ip', 'link', 'show', 'bond0'), 'the bond is up', 20)
    daemon = node.start(_vmac('', 'bond0')(150))
    wait_until(lambda: holds(node), 'the address is held', 20)
    asking = Client(lab.node('client', eth0='192.0.2.9/24'), '192.0.2.100', period=0.05)
    wait_until(lambda: asking.first_answer(0), 'it answers', 20)
    run('ip', 'link', 'set', 'r1.eth0', 'down')
    stays(lambda: holds(node), 'a member less', 2)
    check(not daemon.said('Entering FAULT'), 'FAULT for one member')
    run('ip', 'link', 'set', 'r1.eth1', 'down')
    daemon.wait_said('Entering FAULT')
    wait_until(lambda: not holds(node), 'no member, no address')
    for port in ('r1.eth0', 'r1.eth1'):
        run('ip', 'link', 'set', port, 'up')
    wait_until(lambda: holds(node), 'the members are back', 20)
    asking.stop()


def _in_vrf(node, number):
    node.run('ip', 'link', 'add', 'blue', 'type', 'vrf', 'table', '10')
    node.run('ip', 'link', 'set', 'blue', 'up')
    node.run('ip', 'link', 'set', 'eth0', 'master', 'blue')


def in_vrf(lab):
    """An interface that belongs to a VRF."""
    text = lambda priority: instance(priority=priority)
    nodes, daemons = _pair(lab, text, _in_vrf)
    asking = Client(lab.node('client', eth0='192.0.2.9/24'), '192.0.2.100', period=0.05)
    wait_until(lambda: asking.first_answer(0), 'it answers', 20)
    asking.stop()
    _take_over_and_return(lab, nodes, daemons, text, 'eth0', '192.0.2.100')


def unicast_in_vrf(lab):
    """An instance without an interface lives in the VRF that it names: it fails where that is gone, takes
    over, and gives back, and hears nothing outside of it."""
    def text(priority):
        own, peer = ('192.0.2.1', '192.0.2.2') if priority == 150 else ('192.0.2.2', '192.0.2.1')
        return instance(
            priority=priority, addresses=('192.0.2.100/24 dev eth0',),
            extra='vrf blue\n unicast_src_ip %s\n unicast_peer {\n %s\n }' % (own, peer),
        ).replace('    interface eth0\n', '')
    nodes, daemons = _pair(lab, text, _in_vrf)
    _take_over_and_return(lab, nodes, daemons, text, 'eth0', '192.0.2.100')
    nodes[0].run('ip', 'link', 'set', 'blue', 'down')
    wait_until(lambda: holds(nodes[1], 'eth0', '192.0.2.100'), 'the other, where the VRF is down', 20)
    check(not nodes[0].holds('192.0.2.100'), 'held without its VRF')
    nodes[0].run('ip', 'link', 'set', 'blue', 'up')
    wait_until(lambda: holds(nodes[0], 'eth0', '192.0.2.100'), 'back with the VRF', 20)
    nodes[0].run('ip', 'link', 'delete', 'blue')
    wait_until(lambda: holds(nodes[1], 'eth0', '192.0.2.100'), 'the other, where it is gone', 20)


def in_vrf_ipv6(lab):
    """IPv6 on an interface that belongs to a VRF."""
    text = _ipv6('')
    nodes, daemons = _pair(lab, text, _in_vrf)
    _take_over_and_return(lab, nodes, daemons, text, 'eth0', ADDRESS6)


def vmac_in_vrf(lab):
    """A VMAC belongs to the VRF of its parent: its addresses are reached there."""
    text = _vmac('')
    nodes, daemons = _pair(lab, text, _in_vrf)
    asking = Client(lab.node('client', eth0='192.0.2.9/24'), '192.0.2.100', period=0.05)
    wait_until(lambda: asking.first_answer(0), 'it answers', 20)
    asking.stop()
    check(link(nodes[0], 'vrrp.51').get('master') == 'blue', 'its VRF')
    _take_over_and_return(lab, nodes, daemons, text, 'vrrp.51', '192.0.2.100')


def flapping(lab):
    """The parent goes down and up again and again: in the end there is one master, one interface."""
    text = _vmac('')
    nodes, daemons = _pair(lab, text)
    one, two = nodes
    wait_until(lambda: holds(one) and not holds(two), 'the better is master', 20)
    for _ in range(8):
        one.run('ip', 'link', 'set', 'eth0', 'down')
        one.run('ip', 'link', 'set', 'eth0', 'up')
    wait_until(lambda: holds(one) and not holds(two), 'the better is master again', 20)
    stays(lambda: holds(one) and not holds(two), 'one master', 3)
    check([one[0] for one in two.addresses() if one[1] == '192.0.2.100'] == [], 'left on r2')
    for daemon in daemons:
        check(daemon.stop() == 0, 'exit status')
    for node in nodes:
        check(link(node, 'vrrp.51') is None, 'the interface outlived the daemon')


def _netem(node, *words):
    run('tc', 'qdisc', 'replace', 'dev', '%s.eth0' % node.name, 'root', 'netem', *words)


def bad_network(lab):
    """Late, reordered and some lost advertisements change nothing; when all are lost, the backup
    takes over, and lets go when they come again."""
    text = lambda priority: instance(priority=priority)
    nodes, daemons = _pair(lab, text)
    one, two = nodes
    wait_until(lambda: one.holds('192.0.2.100') and not two.holds('192.0.2.100'), 'one master', 20)
    _netem(two, 'delay', '300ms', '200ms', 'loss', '3%', 'duplicate', '10%')
    stays(lambda: one.holds('192.0.2.100') and not two.holds('192.0.2.100'), 'one master', 10)
    _netem(two, 'loss', '100%')
    wait_until(lambda: two.holds('192.0.2.100'), 'the deaf backup took over', 15)
    _netem(two, 'delay', '100ms')
    wait_until(lambda: not two.holds('192.0.2.100'), 'it hears, and lets go', 15)
    check(one.holds('192.0.2.100'), 'the better keeps the address')
