"""Web nodes: a real nginx beside a daemon that watches it, and a client that asks for a page."""
import os
import signal
import socket
import threading
import time

from lab import inside, instance, wait_until

CHECK = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../etc/samples/check-nginx'))


class Web:
    """A node with nginx, which serves the node's name."""

    def __init__(self, lab, name, address, node=None):
        self.node = node or lab.node(name, eth0=address)
        self.folder = self.node.path('nginx')
        os.makedirs(self.folder)
        self.configuration = self.node.write('nginx.conf', '')
        self.pid_file = self.node.path('nginx.pid')
        self.command = 'nginx -p %s -e %s/error.log -c %s' % (
            self.folder, self.folder, self.configuration)
        self.repair()
        self.node.run(*self.command.split())

    def repair(self):
        self.node.write('nginx.conf', '''worker_processes 1;
pid %s;
events { }
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server { listen 80; location / { return 200 "%s"; } }
}
''' % (self.pid_file, self.node.name))

    def spoil(self):
        """From here on nginx cannot be started again."""
        self.node.write('nginx.conf', 'this is no configuration;\n')

    def pid(self):
        with open(self.pid_file) as file:
            return int(file.read() or 0)  # empty while it is being written

    def kill(self):
        """The master and its workers, at once."""
        master = self.pid()

        def workers():
            with open('/proc/%d/task/%d/children' % (master, master)) as file:
                return [int(word) for word in file.read().split()]
        # A worker that outlives its master keeps the port.
        for one in [master, *wait_until(workers, 'a worker')]:
            os.kill(one, signal.SIGKILL)

    def start_daemon(self, priority, options=''):
        check = '''vrrp_script chk_nginx {
    script "%s%s"
    interval 1
    timeout 5
    weight -60
    user root
}
''' % (CHECK, options)
        text = check + instance('WEB', priority=priority,
                                extra='track_script {\n        chk_nginx\n    }')
        return self.node.start(
            text, environment={'NGINX_COMMAND': self.command, 'NGINX_PID': self.pid_file})


class HTTPClient:
    """Asks for the page ten times a second and keeps (time, who answered or None)."""

    def __init__(self, node, address):
        self.node, self.address, self.answers, self.running = node, address, [], True
        threading.Thread(target=self.ask, daemon=True).start()

    def ask(self):
        while self.running:
            self.answers.append((time.time(), self.fetch()))
            time.sleep(0.1)

    def fetch(self):
        try:
            with inside(self.node.name, socket.socket) as connection:
                connection.settimeout(0.5)
                connection.connect((self.address, 80))
                connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
                text = b''
                while part := connection.recv(4096):
                    text += part
                return text.split(b'\r\n\r\n', 1)[1].decode()
        except (OSError, IndexError):
            return None

    def wait_from(self, name, timeout=30):
        """When `name` answered a request made from now on."""
        now = time.time()
        return wait_until(lambda: [at for at, who in list(self.answers)
                                   if at >= now and who == name],
                          'the page comes from ' + name, timeout)[0]

    def stop(self):
        self.running = False


def pair(lab, options=('', '')):
    """web1 (150) and web2 (100), both with nginx, and a client that web1 serves."""
    webs = [Web(lab, 'web1', '192.0.2.1/24'), Web(lab, 'web2', '192.0.2.2/24')]
    daemons = [web.start_daemon(priority, option)
               for web, priority, option in zip(webs, (150, 100), options)]
    client = HTTPClient(lab.node('client', eth0='192.0.2.8/24'), '192.0.2.100')
    client.wait_from('web1')
    return webs, daemons, client
