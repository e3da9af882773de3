"""Unicast: one file for all routers, TTL limits, sources, no interface, old checksums."""
from lab import check, instance, stays, wait_until

VIP = '192.0.2.100'


def _unicast(peers, more=''):
    return '''%s
    unicast_peer {
        %s
    }''' % (more, '\n        '.join(peers))


def one_file_for_all(lab):
    """Every router in the list, its own address too: it does not speak to itself."""
    extra = _unicast(['192.0.2.1', '192.0.2.2'])
    a, b = lab.pair(extra=extra)
    stays(lambda: not b.node.holds(VIP), 'one holder', 4.5)
    check(all(frame[30:34] == bytes([192, 0, 2, 2]) for _, frame in list(lab.wire.raw)),
          'r1 sends to r2 only')


def limited_ttl(lab):
    """unicast_ttl 200 is sent; min_ttl 255 refuses it, and the refusal is counted and logged."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    one.start(instance(priority=150, extra=_unicast(['192.0.2.2'], 'unicast_ttl 200')))
    wait_until(lambda: one.holds(VIP), 'r1 masters')
    frame = wait_until(lambda: list(lab.wire.raw), 'an advertisement')[-1][1]
    check(frame[22] == 200, 'TTL on the wire')
    b = two.start(instance(extra=_unicast(['192.0.2.1 min_ttl 255'])))
    wait_until(lambda: two.holds(VIP), 'r2 hears nobody')
    b.wait_said('TTL')


def no_interface(lab):
    """No interface, a source address, a VIP with dev: works, and hands over at the stop."""
    def text(mine, other, priority):
        return '''vrrp_instance web {
    virtual_router_id 51
    priority %d
    unicast_src_ip %s
    unicast_peer {
        %s
    }
    virtual_ipaddress {
        192.0.2.100/24 dev eth0
    }
}
''' % (priority, mine, other)
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    a = one.start(text('192.0.2.1', '192.0.2.2', 150))
    wait_until(lambda: one.holds(VIP), 'r1 masters')
    two.start(text('192.0.2.2', '192.0.2.1', 100))
    stays(lambda: one.holds(VIP) and not two.holds(VIP), 'one holder', 4.5)
    check(a.stop() == 0, 'stops')
    wait_until(lambda: two.holds(VIP) and not one.holds(VIP), 'handed over')


def source_comes_and_goes(lab):
    """track_src_ip: without the configured source in fault, with it master again."""
    one = lab.node('r1', eth0=['192.0.2.1/24', '192.0.2.11/24'])
    one.start(instance(extra=_unicast(['192.0.2.2'], 'unicast_src_ip 192.0.2.11\n track_src_ip')))
    wait_until(lambda: one.holds(VIP), 'masters')
    one.run('ip', 'addr', 'del', '192.0.2.11/24', 'dev', 'eth0')
    wait_until(lambda: not one.holds(VIP), 'in fault')
    one.run('ip', 'addr', 'add', '192.0.2.11/24', 'dev', 'eth0')
    wait_until(lambda: one.holds(VIP), 'masters again')


def no_peer_is_a_fault(lab):
    """unicast_fault_no_peer: nothing is sent to the group."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(priority=255, state='MASTER', extra='unicast_fault_no_peer'))
    a.wait_said('there is no unicast_peer')
    stays(lambda: not one.holds(VIP) and not lab.wire.raw, 'silent', 1)


def strangers_are_refused(lab):
    """check_unicast_src: who is no peer is not heard."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    a = one.start(instance(extra=_unicast(['192.0.2.3'], 'check_unicast_src')))
    wait_until(lambda: one.holds(VIP), 'masters')
    two.start(instance(priority=200, extra=_unicast(['192.0.2.1'])))
    a.wait_said('no configured peer')
    check(one.holds(VIP), 'a stranger took the address')


def neighbour_advertisements(lab):
    """Router flag where the machine forwards, override flag always, hop limit 255."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    one.run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1')
    frames = []
    plain = lab.wire.sort

    def sort(stamp, frame):
        if frame[12:14] == b'\x86\xdd' and frame[20] == 58 and frame[54] == 136:
            frames.append(frame)
        plain(stamp, frame)
    lab.wire.sort = sort
    one.start(instance(priority=255, state='MASTER', addresses=['2001:db8::100/64', 'fe80::100/64']))
    wait_until(lambda: one.holds('2001:db8::100'), 'masters')
    own = wait_until(lambda: [frame for frame in frames if frame[62:78].hex().endswith('0100')],
                     'a Neighbor Advertisement')
    check(own[0][58] == 0xa0 and own[0][21] == 255, 'flags %#x' % own[0][58])
    first = lab.wire.wait_heard('an advertisement')
    check(first.addresses == ['fe80::100', '2001:db8::100'], 'link-local first: %s' % first.addresses)
    check(first.source.startswith('fe80:') and first.source != 'fe80::100', first.source)
