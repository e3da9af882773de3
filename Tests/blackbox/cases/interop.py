"""martlet and the real keepalived share an address, each way round: one masters, the other comes and
stays backup, the master dies, the other takes over, the first comes back and takes the address again.
"""
import os
import signal

from lab import check, instance, stays, wait_until

VIP = '192.0.2.100'


def _both(extra='', **more):
    """The same instance on both; priorities are the story's."""
    def text(priority, number):
        return instance(priority=priority, extra=extra, **more)
    return text


def _dies(lab, node, daemon):
    """Off the LAN first, so that nothing is said; then killed whole, with what names its process."""
    node.cut()
    child = daemon.engine
    os.kill(daemon.pid, signal.SIGSTOP)
    for pid in (child, daemon.pid):
        os.kill(pid, signal.SIGKILL)
    daemon.process.wait()
    for file in (daemon.pid_file, node.path(daemon.name + '.vrrp.pid')):
        if os.path.exists(file):
            os.unlink(file)


def _story(lab, text, martlet_first, address=VIP, seconds=1.0, check_log=True):
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    starters = [one.start, two.start_reference] if martlet_first \
        else [one.start_reference, two.start]
    down = 4 * seconds
    a = starters[0](text(150, 1))
    wait_until(lambda: one.holds(address), 'the first masters alone')
    b = starters[1](text(100, 2))
    stays(lambda: one.holds(address) and not two.holds(address), 'the backup stays', down + 1)
    _dies(lab, one, a)
    wait_until(lambda: two.holds(address), 'the backup takes over')
    flush = ['-6'] if ':' in address else []
    one.run('ip', *flush, 'addr', 'flush', 'to', address, 'dev', 'eth0')
    one.join()
    if martlet_first:
        a = one.start(text(150, 1))
    else:
        a = one.start(text(150, 1), program=lab.reference, name='reference')
    wait_until(lambda: one.holds(address) and not two.holds(address), 'the first is back')
    stays(lambda: one.holds(address) and not two.holds(address), 'one holder', down + 1)
    status = a.stop()
    check(status == 0, 'exit status %d' % status)
    wait_until(lambda: two.holds(address) and not one.holds(address), 'resigned to the other')
    ours = b if not martlet_first else None
    if ours and check_log:
        check('discarded' not in ours.log(), 'nothing was discarded')


def _cases(name, doc, text, **more):
    def martlet_first(lab):
        _story(lab, text, True, **more)

    def peer_first(lab):
        _story(lab, text, False, **more)
    for suffix, function in (('martlet_first', martlet_first), ('peer_first', peer_first)):
        function.__doc__ = '%s, %s' % (doc, suffix.replace('_', ' '))
        function.__name__ = '%s_%s' % (name, suffix)
        globals()[function.__name__] = function


def _unicast(priority, number):
    mine, other = ('192.0.2.1', '192.0.2.2') if number == 1 else ('192.0.2.2', '192.0.2.1')
    return instance(priority=priority, extra='''version 3
    unicast_src_ip %s
    unicast_peer {
        %s
    }''' % (mine, other))


def _unicast_ah(priority, number):
    return _unicast(priority, number).replace('version 3', AH)


def _unicast6(priority, number):
    mine, other = ('2001:db8::1', '2001:db8::2') if number == 1 else ('2001:db8::2', '2001:db8::1')
    return instance(priority=priority, addresses=V6, extra='''unicast_src_ip %s
    unicast_peer {
        %s
    }''' % (mine, other))


def _group(priority, number):
    return '''vrrp_sync_group both {
    group {
        web
        mail
    }
}
''' + instance('web', 51, priority) + instance('mail', 52, priority, addresses=['192.0.2.101/24'])


AH = '''authentication {
        auth_type AH
        auth_pass s3cr
    }'''
V6 = ['fe80::100/64', '2001:db8::100/64']

_cases('v2', 'VRRPv2', _both())
_cases('v2_password', 'VRRPv2 with auth_type PASS', _both(AH.replace('AH', 'PASS')))
_cases('v2_header', 'VRRPv2 with auth_type AH', _both(AH))
_cases('v3_ipv4', 'VRRPv3 over IPv4, 0.5 s', _both('version 3', interval=0.5), seconds=0.5)
_cases('v3_ipv6', 'VRRPv3 over IPv6, 0.5 s', _both(interval=0.5, addresses=V6), seconds=0.5,
       address='2001:db8::100')
_cases('unicast_ipv4', 'VRRPv3, unicast over IPv4', _unicast)
_cases('unicast_header', 'VRRPv2 with AH, unicast', _unicast_ah)
_cases('sync_group', 'a sync group of two instances', _group, address='192.0.2.101')


def _unicast6_story(lab, martlet_first):
    """Global addresses are there before the daemons, and past duplicate address detection."""
    def node(name, **interfaces):
        made = plain(name, **interfaces)
        made.run('ip', 'addr', 'add', '2001:db8::%s/64' % name[1], 'dev', 'eth0', 'nodad')
        return made
    plain, lab.node = lab.node, node
    _story(lab, _unicast6, martlet_first, address='2001:db8::100')


def unicast_ipv6_martlet_first(lab):
    """VRRPv3, unicast over IPv6, martlet first"""
    _unicast6_story(lab, True)


def unicast_ipv6_peer_first(lab):
    """VRRPv3, unicast over IPv6, peer first"""
    _unicast6_story(lab, False)
