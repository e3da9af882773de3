"""Built-in checks: what a vrrp_script asks without a process of its own."""
import http.server
import os
import shutil
import signal
import socket
import subprocess
import threading

from lab import check, exists, inside, instance, stays, wait_until


def _script(words, more='timeout 0.5'):
    return 'vrrp_script chk {\n check %s\n interval 0.2\n %s\n}\n' % (words, more)


def _start(lab, words, more='timeout 0.5'):
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(_script(words, more) + instance(extra='track_script {\nchk\n}'))
    return node, daemon


def _checker(daemon):
    for pid in daemon.children():
        with open('/proc/%d/comm' % pid) as file:
            if file.read() == 'martlet-checker\n':
                return pid
    return None


def tcp_port(lab):
    """A port that answers, is closed, and answers again; a dead host fails at the timeout."""
    node = lab.node('r1', eth0='192.0.2.1/24')

    def listen():
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(('127.0.0.1', 8080))
        server.listen(64)
        return server
    server = inside('r1', listen)
    text = instance(extra='track_script {\nchk\n}')
    daemon = node.start(_script('tcp 127.0.0.1:8080') + text)
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    server.close()
    daemon.wait_said('Entering FAULT STATE (script chk failed)')
    server = inside('r1', listen)
    wait_until(lambda: node.holds('192.0.2.100'), 'master again')
    daemon.reload(_script('tcp 192.0.2.77:80') + text)
    wait_until(lambda: not node.holds('192.0.2.100'), 'nobody there')


def http_status_and_text(lab):
    """Status and text of an HTTP answer, one that hangs, and one that never ends."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    answer = {'status': 200, 'text': b'all is well', 'hangs': False}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            while answer['hangs'] and not os.path.exists(node.path('go')):
                pass
            self.send_response(answer['status'] if self.path == '/health' else 404)
            self.end_headers()
            self.wfile.write(answer['text'])

        def log_message(self, *_):
            pass
    server = inside('r1', lambda: http.server.ThreadingHTTPServer(('127.0.0.1', 8080), Handler))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    node.start(_script('http 127.0.0.1:8080 /health string "is well"')
               + instance(extra='track_script {\nchk\n}'))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    for name, value in (('status', 503), ('text', b'x' * 100000), ('text', b'')):
        before = answer[name]
        answer[name] = value
        wait_until(lambda: not node.holds('192.0.2.100'), 'fault by %s' % name)
        answer[name] = before
        wait_until(lambda: node.holds('192.0.2.100'), 'master again')
    server.shutdown()
    wait_until(lambda: not node.holds('192.0.2.100'), 'fault by silence')


def file_and_process(lab):
    """A file that is there and a process that runs; with weight and reverse as for scripts."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    os.chmod(lab.scratch, 0o755)
    program = node.path('worker')
    shutil.copy('/bin/sleep', program)
    node.start(
        'vrrp_script f {\n check file %s\n interval 0.2\n weight -10\n}\n' % node.path('ready')
        + 'vrrp_script p {\n check process r1.worker\n interval 0.2\n weight 20\n}\n'
        + instance(extra='track_script {\nf\np\n}'))

    def priority(wanted):
        wait_until(lambda: lab.wire.heard() and lab.wire.heard()[-1].priority == wanted,
                   'priority %d' % wanted)
    priority(90)
    node.write('ready', '')
    priority(100)
    worker = subprocess.Popen([program, '300'])
    priority(120)
    worker.kill()
    worker.wait()
    priority(100)


def ping_and_route(lab):
    """A gateway that answers, IPv4 and IPv6, and a default route that is there."""
    node = lab.node('r1', eth0=['192.0.2.1/24', '2001:db8::1/64'])
    gateway = lab.node('gw', eth0=['192.0.2.254/24', '2001:db8::fe/64'])
    for one in (node, gateway):
        one.run('sysctl', '-qw', 'net.ipv6.conf.eth0.accept_dad=0')
    daemon = node.start(''.join(
        'vrrp_script %s {\n check %s\n interval 0.2\n timeout 0.5\n weight %d\n}\n' % one
        for one in (('a', 'ping 192.0.2.254', 1), ('b', 'ping 2001:db8::fe', 2),
                    ('c', 'route default', 4), ('d', 'route default ipv6', 8)))
        + instance(extra='track_script {\na\nb\nc\nd\n}'))

    def priority(wanted):
        wait_until(lambda: lab.wire.heard() and lab.wire.heard()[-1].priority == wanted,
                   'priority %d' % wanted)
    priority(103)
    node.run('ip', 'route', 'add', 'default', 'via', '192.0.2.254')
    node.run('ip', '-6', 'route', 'add', 'default', 'via', '2001:db8::fe')
    priority(115)
    gateway.run('ip', 'link', 'set', 'eth0', 'down')
    priority(112)
    gateway.run('ip', 'link', 'set', 'eth0', 'up')
    node.run('ip', 'route', 'del', 'default')
    wait_until(lambda: lab.wire.heard()[-1].priority in (109, 111), 'no default route')
    check(daemon.process.poll() is None, 'the daemon runs')


def checker_is_nobody(lab):
    """The checker has no capability and is not root; killed, it comes back; it ends with us."""
    node, daemon = _start(lab, 'route default', 'weight 5')
    first = wait_until(lambda: _checker(daemon), 'a checker')
    wait_until(lambda: lab.wire.heard(), 'master')
    with open('/proc/%d/status' % first) as file:
        status = dict(line.split(':\t', 1) for line in file.read().splitlines() if ':\t' in line)
    check(status['Uid'].split()[0] != '0', 'user ' + status['Uid'])
    check(int(status['CapEff'], 16) == 0 and int(status['CapPrm'], 16) == 0, 'capabilities')
    check(status['NoNewPrivs'] == '1' and status['Seccomp'] == '2', 'no seccomp')
    os.kill(first, signal.SIGKILL)
    second = wait_until(lambda: _checker(daemon) not in (None, first) and _checker(daemon),
                        'a new checker')
    os.kill(second, signal.SIGSTOP)
    daemon.wait_said('the checker hangs')
    third = wait_until(lambda: _checker(daemon) not in (None, second) and _checker(daemon),
                       'a third checker')
    check(not exists(second), 'the one that hung is left')
    check(daemon.stop() == 0, 'exit status')
    check(not exists(third), 'a checker is left')


def no_checks_no_checker(lab):
    """Without a built-in check there is no third process, and none after a reload without one."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    daemon = node.start(instance())
    daemon.wait_said('BACKUP STATE')
    check(_checker(daemon) is None, 'a checker')
    extra = 'track_script {\nchk\n}'
    daemon.reload(_script('route default', 'weight 1') + instance(extra=extra))
    wait_until(lambda: _checker(daemon), 'a checker')
    daemon.reload(instance())
    wait_until(lambda: _checker(daemon) is None, 'no checker any more')
    stays(lambda: daemon.process.poll() is None, 'running', 0.5)
