"""A real nginx on two nodes: the page goes on being served, whatever happens to one of them."""
import web
from lab import check, wait_until


def dies_and_comes_back(lab):
    """nginx dies: the check starts it again, and nobody changes places."""
    (one, _), (first, second), client = web.pair(lab)
    before = one.pid()
    one.kill()
    wait_until(lambda: one.pid() != before, 'nginx was started again', 15)
    client.wait_from('web1')
    check(first.log().count('Entering MASTER') == 1, 'the master changed')
    check(not second.said('Entering MASTER'), 'the peer took over')


def cannot_be_restarted(lab):
    """nginx dies and cannot be started: 150 - 60 is less than 100. Repaired, it serves again."""
    (one, _), (first, _), client = web.pair(lab)
    one.spoil()
    one.kill()
    client.wait_from('web2')
    wait_until(lambda: not one.node.holds('192.0.2.100'), 'web1 lets go')
    check(first.process.poll() is None, 'the daemon of web1 ended')
    one.repair()
    client.wait_from('web1')
    check(not any(who not in ('web1', 'web2', None) for _, who in client.answers), 'who is that')


def node_leaves(lab):
    """The check stops the daemon it runs under, as people's scripts do: a clean leave."""
    pid_file = lab.scratch + '/web1.d1.pid'
    (one, _), (first, _), client = web.pair(lab, (' ' + pid_file, ''))
    one.spoil()
    one.kill()
    check(first.exit_status(30) == 0, 'the daemon did not end well')
    check(not one.node.holds('192.0.2.100'), 'the address was left')
    lab.wire.wait_heard('a priority 0', source='192.0.2.1', priority=0)
    client.wait_from('web2')


def node_dies(lab):
    """The whole of web1 dies: the page comes from web2."""
    (one, _), (first, _), client = web.pair(lab)
    first.kill_all()
    one.node.cut()
    client.wait_from('web2')
