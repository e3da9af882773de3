"""Every configuration in docs/recipes.md is without findings, and does what the page says of it,
with the servers that it is for."""
import os
import re
import subprocess

import web
from lab import check, stays, wait_until

ADDRESS = '192.0.2.100'
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../docs/recipes.md')
LISTENER = '''
import socket, sys
sockets = [socket.create_server(('127.0.0.1', int(one))) for one in sys.argv[1:]]
while True:
    sockets[0].accept()[0].close()
'''


def _recipes():
    with open(PAGE) as file:
        return re.findall(r'```keepalived\n(.*?)```', file.read(), re.S)


def every_recipe(lab):
    """One after the other: `-t` says nothing, and every address of it is there."""
    texts = _recipes()
    check(len(texts) >= 5, 'only %d recipes' % len(texts))
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    for text in texts:
        path = node.write('recipe.conf', text)
        done = subprocess.run(
            ['ip', 'netns', 'exec', 'r1', lab.daemon, '-t', '-f', path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(done.returncode == 0 and not done.stdout.strip(), '%s\n%s' % (text, done.stdout))
        ports = re.findall(r'check tcp 127.0.0.1:(\d+)', text)
        listener = subprocess.Popen(['ip', 'netns', 'exec', 'r1', 'python3', '-c', LISTENER,
                                     *ports]) if ports else None
        daemon = node.start(text)
        for address in re.findall(r'(\S+\.10[01])/24', text):
            wait_until(lambda: node.holds(address), 'the address %s of\n%s' % (address, text), 20)
        check(daemon.stop() == 0, 'exit 0')
        if listener:
            listener.kill()
            listener.wait()


class _Server:
    """A real server in a node, which can be killed and started again."""

    def __init__(self, node, *words):
        self.node, self.words = node, words
        self.start()

    def start(self):
        with open(self.node.path('server.log'), 'ab') as log:
            self.process = subprocess.Popen(['ip', 'netns', 'exec', self.node.name, *self.words],
                                            stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait()


def _mysql(node):
    folder = node.path('mysql')
    os.makedirs(folder)
    return _Server(node, 'mariadbd', '--no-defaults', '--user=root', '--datadir=' + folder,
                   '--skip-grant-tables', '--skip-innodb', '--default-storage-engine=MyISAM',
                   '--bind-address=127.0.0.1', '--port=3306', '--socket=' + folder + '/socket',
                   '--pid-file=' + folder + '/pid')


def _redis(node):
    return _Server(node, 'redis-server', '--port', '6379', '--bind', '127.0.0.1', '--save', '',
                   '--dir', os.path.dirname(node.path('redis')))


def _haproxy(node):
    return _Server(node, 'haproxy', '-db', '-f', node.write('haproxy.cfg', '''defaults
    mode tcp
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend api
    bind 127.0.0.1:6443
    default_backend apis
backend apis
    server one 127.0.0.1:6444
'''))


def _recipe(name):
    """The configurations of the better router and of the other one."""
    text = [one for one in _recipes() if 'vrrp_instance %s ' % name in one][0]
    other = text.replace('priority 150', 'priority 100')
    for mine, its in (('unicast_src_ip 192.0.2.1', 'unicast_src_ip 192.0.2.2'),
                      ('        192.0.2.2 min_ttl', '        192.0.2.1 min_ttl')):
        other = other.replace(mine, its)
    return text, other


def _nodes(lab):
    return (lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24'),
            lab.node('r2', eth0='192.0.2.2/24', eth1='198.51.100.2/24'))


def _follows(lab, name, server, change=lambda text: text, returns=True):
    """The address leaves with its server, and comes back with it, or not."""
    nodes = one, two = _nodes(lab)
    servers = [server(node) for node in nodes]
    for node, text in zip(nodes, _recipe(name)):
        node.start(change(text))
        wait_until(lambda: node is two or node.holds(ADDRESS), 'r1 holds the address', 30)
    wait_until(lambda: not two.holds(ADDRESS), 'r1 alone holds the address')
    servers[0].kill()
    wait_until(lambda: two.holds(ADDRESS) and not one.holds(ADDRESS), 'r2 holds it', 40)
    servers[0].start()
    if returns:
        wait_until(lambda: one.holds(ADDRESS) and not two.holds(ADDRESS), 'r1 holds it again', 40)
    else:
        stays(lambda: two.holds(ADDRESS) and not one.holds(ADDRESS), 'r2 keeps it', 12)
    for each in servers:
        each.kill()


def mysql(lab):
    """MySQL dies: the other node takes over, and keeps the address when MySQL is back."""
    _follows(lab, 'DATABASE', _mysql, returns=False)


def redis(lab):
    """The same with Redis's port."""
    _follows(lab, 'DATABASE', _redis, lambda text: text.replace(':3306', ':6379'), returns=False)


def haproxy(lab):
    """HAProxy dies and comes back: so does the address of the API."""
    _follows(lab, 'API', _haproxy)


def web_server(lab):
    """nginx dies and comes back: so does the address."""
    class Nginx(web.Web):
        def __init__(self, node):
            super().__init__(lab, node.name, None, node)

        def start(self):
            self.node.run(*self.command.split())
    _follows(lab, 'WEB', Nginx)


def two_masters(lab):
    """Each is master of one address; who stays alone has both."""
    one, two = _nodes(lab)
    text = _recipe('ONE')[0]
    swapped = text.replace('150', 'x').replace('priority 100', 'priority 150').replace('x', '100')
    first = one.start(text)
    two.start(swapped)
    wait_until(lambda: one.holds(ADDRESS) and two.holds('192.0.2.101')
               and not one.holds('192.0.2.101') and not two.holds(ADDRESS), 'one each', 30)
    check(first.stop() == 0, 'exit 0')
    wait_until(lambda: two.holds(ADDRESS) and two.holds('192.0.2.101'), 'both', 10)


def firewalls(lab):
    """The outer cable is cut: inside and outside move together, and come back together."""
    one, two = _nodes(lab)
    both = (ADDRESS, '198.51.100.100')
    for node, text in zip((one, two), _recipe('INSIDE')):
        node.start(text)
    has = lambda node, count: sum(node.holds(address) for address in both) == count
    wait_until(lambda: has(one, 2) and has(two, 0), 'r1 holds both', 30)
    one.run('ip', 'link', 'set', 'eth1', 'down')
    wait_until(lambda: has(one, 0) and has(two, 2), 'r2 holds both', 20)
    one.run('ip', 'link', 'set', 'eth1', 'up')
    one.run('ip', 'addr', 'replace', '198.51.100.1/24', 'dev', 'eth1')
    wait_until(lambda: has(one, 2) and has(two, 0), 'r1 holds both again', 30)
