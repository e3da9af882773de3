"""What a master owns: addresses with every option, routes and rules, static items; and how it says so."""
import json
import os
import time

from lab import check, instance, stays, wait_until

ROUTES = '''virtual_routes {
        198.51.100.0/24 via 192.0.2.9 dev eth0 src 192.0.2.100 metric 7 mtu lock 1300 rtt 250ms
        default via 192.0.2.9 table 1234
        203.0.113.0/24 nexthop via 192.0.2.9 weight 2 nexthop via 192.0.2.8 dev eth0 weight 1
        blackhole 198.18.0.0/15 metric 9
        unreachable 2001:db8:9::/48
    }
    virtual_rules {
        from 192.0.2.100 to 198.51.100.0/24 table 1234 priority 500 fwmark 3/7
        not from 198.51.100.7 to 203.0.113.0/24 lookup main preference 501
        from 198.51.100.7 iif eth0 blackhole preference 504
        inet6 ipproto tcp dport 80-90 uidrange 1-9 lookup main preference 502
    }'''


def _routes(node, table='main', family='-4'):
    done = node.run('ip', '-j', family, 'route', 'show', 'table', table, 'proto', '18', check_exit=False)
    # Of a table that does not exist `ip` prints half a list.
    return {one['dst']: one for one in json.loads(done)} if done.endswith(']\n') else {}


def _rules(node, family='-4'):
    return {one['priority']: one for one in json.loads(node.run('ip', '-j', family, 'rule', 'show'))
            if 500 <= one['priority'] < 600}


def _has_everything(node):
    return (set(_routes(node)) == {'198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15'}
            and 'default' in _routes(node, '1234') and '2001:db8:9::/48' in _routes(node, family='-6')
            and set(_rules(node)) == {500, 501, 504} and set(_rules(node, '-6')) == {502})


def _has_nothing(node):
    return not (_routes(node) or _routes(node, '1234') or _routes(node, family='-6')
                or _rules(node) or _rules(node, '-6'))


def routes_and_rules(lab):
    """Routes and rules come with mastership, with all their words, and go with it."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance(extra=ROUTES))
    wait_until(lambda: _has_everything(node), 'routes and rules')
    route = _routes(node)['198.51.100.0/24']
    check((route['gateway'], route['dev'], route['prefsrc'], route['metric']) ==
          ('192.0.2.9', 'eth0', '192.0.2.100', 7), 'the route: %s' % route)
    check(route['metrics'][0]['rtt'] == 250, 'its metrics: %s' % route['metrics'])
    check('mtu lock 1300' in node.run('ip', 'route', 'show', '198.51.100.0/24'), 'the MTU is locked')
    ways = [(one['gateway'], one['weight']) for one in _routes(node)['203.0.113.0/24']['nexthops']]
    check(ways == [('192.0.2.9', 2), ('192.0.2.8', 1)], 'ways: %s' % ways)
    check(_routes(node)['198.18.0.0/15']['type'] == 'blackhole', 'a blackhole')
    rule = _rules(node)[500]
    check((rule['src'], rule['dst'], rule['dstlen'], rule['table'], rule['fwmark'], rule['fwmask']) ==
          ('192.0.2.100', '198.51.100.0', 24, '1234', '0x3', '0x7'), 'rule: %s' % rule)
    check('not' in _rules(node)[501], 'inverted: %s' % _rules(node)[501])
    check(_rules(node)[504]['action'] == 'blackhole', 'rule: %s' % _rules(node)[504])
    rule = _rules(node, '-6')[502]
    check((rule['ipproto'], rule['dport_start'], rule['dport_end'], rule['uid_start']) ==
          ('tcp', 80, 90, 1), 'rule: %s' % rule)
    check(daemon.stop() == 0, 'exit status')
    check(_has_nothing(node), 'something outlived the daemon')


def removed_by_others(lab):
    """A route, a rule and the address that a route needs are back without a transition."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance(extra=ROUTES))
    wait_until(lambda: _has_everything(node), 'routes and rules')
    node.run('ip', 'route', 'del', '198.18.0.0/15')
    wait_until(lambda: _has_everything(node), 'the route is back')
    daemon.wait_said('somebody removed route 198.18.0.0/15')
    node.run('ip', 'rule', 'del', 'pref', '501')
    wait_until(lambda: _has_everything(node), 'the rule is back')
    daemon.wait_said('somebody removed rule')
    node.run('ip', 'addr', 'del', '192.0.2.100/24', 'dev', 'eth0')
    wait_until(lambda: node.holds('192.0.2.100') and _has_everything(node), 'address and route')
    wait_until(lambda: lab.wire.heard('192.0.2.1'), 'advertisements')
    check(not lab.wire.heard('192.0.2.1', priority=0), 'a transition')


def reload_by_difference(lab):
    """A reload removes what is gone, adds what is new and leaves the rest alone."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance(extra=ROUTES))
    wait_until(lambda: _has_everything(node), 'routes and rules')
    changed = ROUTES.replace('blackhole 198.18.0.0/15 metric 9', '198.18.0.0/15 via 192.0.2.9')
    daemon.reload(instance(extra=changed.replace('preference 501', 'preference 503')))
    wait_until(lambda: set(_rules(node)) == {500, 503, 504}, 'rules by difference')
    wait_until(lambda: _routes(node)['198.18.0.0/15'].get('gateway') == '192.0.2.9', 'the route')
    check(len(_routes(node)) == 3 and 'default' in _routes(node, '1234'), 'the others')
    daemon.reload(instance())
    wait_until(lambda: _has_nothing(node), 'nothing is left')
    check(node.holds('192.0.2.100'), 'the address stays')


def handed_over(lab):
    """A hand-over by the keeper takes routes and rules away as well, and so does --cleanup."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance(extra=ROUTES))
    wait_until(lambda: _has_everything(node), 'routes and rules')
    first = daemon.engine
    os.kill(first, 9)
    second = wait_until(lambda: daemon.engine not in (None, first) and daemon.engine, 'a new engine')
    stays(lambda: _has_everything(node), 'resumed', 0.5)
    os.kill(second, 9)
    daemon.wait_said('handing over')
    wait_until(lambda: _has_nothing(node) and not node.holds('192.0.2.100'), 'handed over')
    wait_until(lambda: _has_everything(node), 'mastered again', 20)
    daemon.kill_all()
    check(_has_everything(node), 'left by the killed daemon')
    node.run(lab.daemon, '--cleanup', '-f', daemon.configuration, '-p', daemon.pid_file)
    check(_has_nothing(node) and not node.holds('192.0.2.100'), 'cleaned up')


def both_killed_and_lines_gone(lab):
    """The next start removes routes and rules that only the state file of the killed pair names, and
    so does --cleanup."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    for cleans in (False, True):
        daemon = node.start(instance(extra=ROUTES))
        wait_until(lambda: _has_everything(node), 'routes and rules')
        wait_until(lambda: len(_state(daemon)) == 10, 'the state file: %s' % _state(daemon))
        daemon.kill_all()
        check(_has_everything(node), 'left by the killed daemon')
        node.write(daemon.name + '.conf', instance())
        if cleans:
            node.run(lab.daemon, '--cleanup', '-f', daemon.configuration, '-p', daemon.pid_file)
        else:
            node.started -= 1
            again = node.start(instance())
            wait_until(lambda: _has_nothing(node), 'removed by the next start')
            check(again.stop() == 0, 'exit status')
        check(_has_nothing(node) and not node.holds('192.0.2.100'), 'cleaned up')
        check(not _state(daemon), 'the state file is left')


def _state(daemon):
    """The lines of the state file beside the pid file."""
    name = os.path.splitext(daemon.pid_file)[0] + '.state'
    try:
        with open(name) as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def routes_in_dumps(lab):
    """Both dumps name routes and rules, in keepalived's words."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start('static_routes {\n 203.0.113.128/25 dev eth0 metric 8\n}\n'
                        + instance(extra=ROUTES))
    wait_until(lambda: set(_rules(node, '-6')) == {502}, 'the last rule')

    def dump(number, name):
        daemon.kill(number)
        path = '%s/keepalived.%s' % (daemon.folder, name)
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path), name)
        time.sleep(0.2)
        with open(path) as file:
            return file.read()
    data = json.loads(dump(36, 'json'))[0]['data']
    check(data['vroutes'][3] == 'add blackhole 198.18.0.0/15 proto 18 metric 9 no_track', str(data['vroutes']))
    check(len(data['vroutes']) == 5 and len(data['vrules']) == 4, 'as many as configured')
    check(data['vrules'][0] == 'from 192.0.2.100 to 198.51.100.0/24 priority 500 tos 0x0 fwmark 0x3/0x7'
          ' protocol 18 lookup 1234', str(data['vrules']))
    text = dump(10, 'data')
    check('   Virtual Routes :\n     ' + data['vroutes'][0] + '\n' in text, 'routes in the text')
    check('   Virtual Rules :\n     ' + data['vrules'][0] + '\n' in text, 'rules in the text')
    check('------< Static Routes >------\n     prepend 203.0.113.128/25 dev eth0 proto 18 metric 8\n'
          in text, 'static routes')


def renamed_interface(lab):
    """An interface that gets another name keeps no route of ours, and no address."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    extra = '''virtual_routes {
        203.0.113.0/24 via 198.51.100.9 dev eth1 no_track
        2001:db8:9::/48 dev eth1 no_track
    }'''
    daemon = node.start(instance(
        addresses=['192.0.2.100/24', '198.51.100.100/24 dev eth1 no_track'], extra=extra))

    def routes():
        return set(_routes(node)) | set(_routes(node, family='-6'))
    wait_until(lambda: len(routes()) == 2 and node.holds('198.51.100.100'), 'routes over eth1')
    node.run('ip', 'link', 'set', 'eth1', 'down')
    node.run('ip', 'link', 'set', 'eth1', 'name', 'lan1')
    node.run('ip', 'link', 'set', 'lan1', 'up')
    wait_until(lambda: not routes() and not node.holds('198.51.100.100'), 'nothing under the new name')
    check(node.holds('192.0.2.100'), 'still master')
    node.run('ip', 'link', 'set', 'lan1', 'down')
    node.run('ip', 'link', 'set', 'lan1', 'name', 'eth1')
    node.run('ip', 'link', 'set', 'eth1', 'up')
    node.run('ip', 'addr', 'replace', '198.51.100.1/24', 'dev', 'eth1')
    wait_until(lambda: len(routes()) == 2 and node.holds('198.51.100.100'), 'back with the name', 45)
    check(daemon.stop() == 0, 'exit status')


def more_addresses_than_the_mtu_allows(lab):
    """Over an MTU of 600 an advertisement names 137 addresses, as keepalived's; the others are held."""
    one, two = lab.node('r1', eth0='192.0.2.1/24'), lab.node('r2', eth0='192.0.2.2/24')
    for node in (one, two):
        node.run('ip', 'link', 'set', 'eth0', 'mtu', '600')
    many = ['192.0.2.%d/24' % number for number in range(100, 254)]
    daemon = one.start(instance(priority=150, addresses=many))
    wait_until(lambda: one.holds('192.0.2.253'), 'the last address')
    daemon.wait_said("MTU 600 has no room for the last 17 addresses")
    check(len(lab.wire.wait_heard('it advertises', source='192.0.2.1').addresses) == 137, 'addresses')
    other = two.start_reference(instance(addresses=many))
    stays(lambda: not two.holds('192.0.2.100'), 'keepalived hears it', 6)
    since = time.time()
    one.run('ip', 'link', 'set', 'eth0', 'mtu', '1500')
    wait_until(lambda: [one for one in lab.wire.heard('192.0.2.1', since=since)
                        if len(one.addresses) == 154], 'all of them')
    check(other.process.poll() is None, 'keepalived runs')


STATICS = '''static_ipaddress {
    198.51.100.1/24 dev eth0
}
static_routes {
    203.0.113.0/24 via 198.51.100.2 dev eth0
}
static_rules {
    from 203.0.113.0/24 lookup main priority 510
}
'''


def _has_statics(node):
    return node.holds('198.51.100.1') and '203.0.113.0/24' in _routes(node) and 510 in _rules(node)


def _has_no_statics(node):
    return _has_nothing(node) and not node.holds('198.51.100.1')


def static_items(lab):
    """Static items are there from the start to the end, and come back when somebody removes them."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(STATICS + instance())
    wait_until(lambda: _has_statics(node), 'static items')
    node.run('ip', 'rule', 'del', 'pref', '510')
    node.run('ip', 'addr', 'del', '198.51.100.1/24', 'dev', 'eth0')
    wait_until(lambda: _has_statics(node), 'static items are back')
    daemon.reload(instance())
    wait_until(lambda: _has_no_statics(node), 'gone with the text')
    daemon.reload(STATICS + instance())
    wait_until(lambda: _has_statics(node), 'back with the text')
    check(daemon.stop() == 0, 'exit status')
    check(_has_no_statics(node), 'something outlived the daemon')


def both_killed_and_statics_gone(lab):
    """Static items of a killed pair that the text names no more: the next start removes them, and so
    does --cleanup."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    for cleans in (False, True):
        daemon = node.start(STATICS + instance(), name='d')
        wait_until(lambda: _has_statics(node), 'static items')
        daemon.kill_all()
        check(_has_statics(node), 'left by the killed daemon')
        node.write('d.conf', instance())
        if cleans:
            node.run(lab.daemon, '--cleanup', '-f', daemon.configuration, '-p', daemon.pid_file)
        else:
            again = node.start(instance(), name='d')
            wait_until(lambda: _has_no_statics(node), 'removed by the next start')
            check(again.stop() == 0, 'exit status')
        check(_has_no_statics(node), 'cleaned up')
        check(not _state(daemon), 'the state file is left')


def killed_again_before_it_cleaned_up(lab):
    """A start that is killed, or ended, before its engine runs forgets nothing that was left."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    waits = 'global_defs {\n startup_script "/bin/sleep 60" root\n startup_script_timeout 60\n}\n'
    node.start(STATICS + instance(), name='d')
    daemon = node.lab.daemons[-1]
    wait_until(lambda: _has_statics(node), 'static items')
    daemon.kill_all()
    for ends in (lambda one: one.kill(9), lambda one: one.stop()):
        started = node.start(waits + instance(), name='d')
        wait_until(started.children, 'the startup script runs')
        ends(started)
        started.process.wait()
        check(_has_statics(node), 'no engine ran')
    again = node.start(instance(), name='d')
    wait_until(lambda: _has_no_statics(node), 'removed by the start that came so far')
    check(again.stop() == 0, 'exit status')


def address_options(lab):
    """Every option of an address line reaches the kernel; excluded addresses of both families."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    excluded = '''virtual_ipaddress_excluded {
        fd00::1/64 home noprefixroute mngtmpaddr preferred_lft 0
        fd00::2/128
        fd00:1::3/64 dev eth1 -nodad preferred_lft forever
        198.51.100.7 peer 198.51.100.8/31 dev eth1
    }'''
    node.start(instance(addresses=['192.0.2.200/26 brd + noprefixroute scope link label eth0:v'],
                        extra=excluded))
    wait_until(lambda: node.holds('198.51.100.7'), 'the last address')
    found = {}
    for link in json.loads(node.run('ip', '-j', 'addr', 'show')):
        for one in link['addr_info']:
            found[one['local']] = dict(one, device=link['ifname'])
    one = found['192.0.2.200']
    check((one['broadcast'], one['scope'], one['label'], one['noprefixroute']) ==
          ('192.0.2.255', 'link', 'eth0:v', True), str(one))
    one = found['fd00::1']
    check(one['home'] and one['noprefixroute'] and one['mngtmpaddr'] and one['nodad']
          and one['deprecated'], str(one))
    check(found['fd00::2']['deprecated'] and found['fd00::2']['nodad'], str(found['fd00::2']))
    one = found['fd00:1::3']
    check(one['device'] == 'eth1' and 'nodad' not in one and 'deprecated' not in one, str(one))
    check((found['198.51.100.7']['address'], found['198.51.100.7']['prefixlen']) ==
          ('198.51.100.8', 31), str(found['198.51.100.7']))


def device_of_an_address(lab):
    """The interface of an address is tracked; one that never existed is not."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    node.start(instance(addresses=['192.0.2.100/24', '198.51.100.100/24 dev eth1',
                                   '203.0.113.1/24 dev eth7']))
    wait_until(lambda: node.holds('198.51.100.100'), 'mastered without eth7')
    node.run('ip', 'link', 'set', 'eth1', 'down')
    wait_until(lambda: not node.holds('192.0.2.100'), 'fault')
    node.run('ip', 'link', 'set', 'eth1', 'up')
    wait_until(lambda: node.holds('192.0.2.100') and node.holds('198.51.100.100'), 'master again')


def track_group(lab):
    """Instances of a track_group are in FAULT while a static item cannot be had."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    text = '''static_routes {
    203.0.113.0/24 via 198.51.100.2 track_group core
}
track_group core {
    group {
        web
    }
}
'''
    daemon = node.start(text + instance())
    daemon.wait_said('cannot change route 203.0.113.0/24')
    daemon.wait_said('FAULT')
    node.run('ip', 'addr', 'add', '198.51.100.1/24', 'dev', 'eth0')
    wait_until(lambda: '203.0.113.0/24' in _routes(node), 'the route', 40)
    wait_until(lambda: node.holds('192.0.2.100'), 'master')


def gaps_between_announcements(lab):
    """vrrp_garp_interval keeps frames apart; a new MAC is announced; garp_extra_if repeats."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    text = 'global_defs {\n    vrrp_garp_interval 0.05\n    vrrp_garp_extra_if 1\n}\n'
    node.start(text + instance(addresses=['192.0.2.100/24', '192.0.2.101/24',
                                          '198.51.100.100/24 dev eth1'],
                               extra='garp_master_delay 0'))

    def heard(*addresses):
        return [one for one in list(lab.wire.announcements) if one.address in addresses]
    wait_until(lambda: len(heard('192.0.2.100', '192.0.2.101')) == 10, 'two times five')
    times = [one.time for one in heard('192.0.2.100', '192.0.2.101')]
    gaps = [after - before for before, after in zip(times, times[1:])]
    check(sum(gaps) / len(gaps) > 0.049, 'too fast: %s' % gaps)
    check(len({one.address for one in heard('192.0.2.100', '192.0.2.101')[:2]}) == 2, 'round robin')
    wait_until(lambda: len(heard('198.51.100.100')) >= 7, 'more on the other interface')
    check(len(heard('192.0.2.100')) == 5, 'no more on its own interface')
    node.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:77')
    wait_until(lambda: [one for one in heard('192.0.2.100') if one.mac == '02:00:00:00:00:77'],
               'the new MAC')


def budget_of_announcements(lab):
    """At most 500 gratuitous ARP frames a second on an interface, one second's worth at once; every
    address has its first frame before any has its second; the other interface has its own budget."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    names = ['10.0.%d.%d' % (number // 200, number % 200 + 1) for number in range(300)]
    others = ['10.1.0.%d' % (number + 1) for number in range(60)]
    excluded = ['%s/32' % name for name in names] + ['%s/32 dev eth1' % name for name in others]
    node.start(instance(extra='garp_master_delay 0\n virtual_ipaddress_excluded {\n%s\n}'
                        % '\n'.join(excluded)))
    wanted = set(names) | {'192.0.2.100'}

    def heard(addresses):
        return [one for one in list(lab.wire.announcements) if one.address in addresses]
    wait_until(lambda: len(heard(wanted)) == 1505, 'five frames for each address', 30)
    frames = heard(wanted)
    times = [one.time for one in frames]
    check(times[-1] - times[0] >= 2.0, 'all of them in %.2f s' % (times[-1] - times[0]))
    first = 0
    for position, time_of_frame in enumerate(times):
        while time_of_frame - times[first] >= 1:
            first += 1
        # A frame may leave late and the next in time: some milliseconds' worth more.
        check(position - first < 1030, '%d frames in a second' % (position - first + 1))
    check(len({one.address for one in frames[:301]}) == 301, 'a second frame before the first of all')
    check(all(sum(one.address == name for one in frames) == 5 for name in wanted), 'five for each')
    rest = heard(set(others))
    check(len(rest) == 300, 'the other interface: %d' % len(rest))
    stays(lambda: len(heard(wanted)) == 1505, 'no more', 1)


def rhythm_while_addresses_come(lab):
    """While 1,000 addresses come and go no advertisement of another instance is left out."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    many = '\n'.join('10.%d.%d.1/24' % (n // 250, n % 250) for n in range(1000))
    extra = 'virtual_ipaddress_excluded {\n%s\n}' % many
    quick = 'global_defs {\n    vrrp_version 3\n}\n' + instance(
        'quick', 52, interface='eth1', addresses=['198.51.100.100/24'], interval=0.1)
    daemon = node.start(quick)
    wait_until(lambda: node.holds('198.51.100.100'), 'the quick instance is master', 30)
    since = time.time()
    daemon.reload(quick + instance(extra=extra))
    wait_until(lambda: node.holds('10.3.249.1'), 'the last address', 60)
    daemon.reload(quick + instance())
    wait_until(lambda: not node.holds('10.3.249.1') and not node.holds('10.0.0.1'), 'all gone', 60)
    time.sleep(1)
    heard = lab.wire.heard('198.51.100.1', since=since, vrid=52)
    due = (heard[-1].time - since) / 0.1
    # A busy machine delays some; a daemon that waits for the kernel leaves most of them out.
    check(len(heard) > due / 2, '%d advertisements of %d' % (len(heard), due))
    check(all(one.priority for one in heard), 'a transition')
