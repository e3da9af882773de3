"""Every configuration in docs/recipes.md is without findings, and holds its addresses."""
import os
import re
import subprocess

from lab import check, wait_until

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
