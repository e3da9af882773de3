"""What the keeper does between files, pipes, mail and the engine when things around it change."""
import os
import signal
import subprocess
import time

from lab import check, instance, wait_until

TRACKED = '''vrrp_track_file f {
    file %s
    weight 1
}
vrrp_track_file g {
    file %s
    weight 1
}
'''


def track_file_behind_a_link(lab):
    """A track_file that is a symbolic link: its target counts, and so does a link on the way."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    for version in ('v1', 'v2'):
        os.mkdir(one.path(version))
        with open(os.path.join(one.path(version), 'value'), 'w') as file:
            file.write('0')
    os.symlink(one.path('v1'), one.path('now'))
    os.symlink(os.path.join(one.path('now'), 'value'), one.path('link'))
    one.start(TRACKED % (one.path('link'), one.path('other'))
              + instance(extra='track_file {\n f\n }'))
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    with open(os.path.join(one.path('v1'), 'value'), 'w') as file:
        file.write('-254')
    wait_until(lambda: not one.holds('192.0.2.100'), 'the target counts', 2)
    os.symlink(one.path('v2'), one.path('next'))
    os.rename(one.path('next'), one.path('now'))
    with open(one.path('touch'), 'w'):
        pass
    wait_until(lambda: one.holds('192.0.2.100'), 'the other target counts')


def messages_wait(lab):
    """An engine that is behind gets what its keeper has to tell, however much that is."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    for name in ('much', 'last'):
        one.write(name, '0')
    a = one.start(TRACKED % (one.path('much'), one.path('last'))
                  + instance(extra='track_file {\n f\n g\n }'))
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    os.kill(a.engine, signal.SIGSTOP)
    start = time.time()
    for number in range(1, 2000):
        one.write('much', '%d' % (number % 100))
        if time.time() > start + 1:
            break
    one.write('last', '-254')
    os.kill(a.engine, signal.SIGCONT)
    wait_until(lambda: not one.holds('192.0.2.100'), 'the last message came')
    check(not a.said('the engine hangs'), 'it was taken for hung')


def _reader(one, name, mark):
    """The path of a notify_fifo_script that writes its lines to a file, and that file's."""
    seen = one.path(name + '.seen')
    return one.write(name, '#!/bin/sh\necho %s > %s\nexec cat "$1" >> %s\n' % (mark, seen, seen),
                     mode=0o755), seen


def fifo_readers_after_a_reload(lab):
    """A reader that died is started again by a reload, another one takes its place, one that lives
    stays."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    fifo = one.path('fifo')
    first, first_seen = _reader(one, 'first', 'one')
    second, second_seen = _reader(one, 'second', 'two')
    text = 'global_defs {\n script_user root\n notify_fifo %s\n notify_fifo_script %s\n}\n'

    def readers():
        listed = subprocess.run(['pgrep', '-f', 'cat ' + fifo], stdout=subprocess.PIPE, text=True)
        return listed.stdout.split()

    a = one.start(text % (fifo, first) + instance())
    wait_until(lambda: len(readers()) == 1, 'a reader')
    living = readers()
    a.reload(text % (fifo, first) + instance(priority=101))
    a.wait_said('configuration reloaded')
    check(readers() == living, 'a living reader was replaced')
    os.kill(int(living[0]), signal.SIGKILL)
    wait_until(lambda: not readers(), 'it died')
    a.reload(text % (fifo, first) + instance(priority=102))
    wait_until(lambda: len(readers()) == 1, 'it is there again')
    a.reload(text % (fifo, second) + instance(priority=103))
    wait_until(lambda: os.path.exists(second_seen), 'the other one runs')
    wait_until(lambda: len(readers()) == 1, 'the first one ended')
    check(os.path.exists(first_seen), 'the first one never ran')


def fifo_of_somebody_else(lab):
    """A FIFO that was made anew by somebody is used after a reload, and stays at the stop."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    fifo = one.path('fifo')
    text = 'global_defs {\n notify_fifo %s\n}\n' % fifo
    a = one.start(text + instance())
    wait_until(lambda: os.path.exists(fifo), 'the FIFO')
    os.unlink(fifo)
    os.mkfifo(fifo)
    a.reload(text + instance(priority=101))
    a.wait_said('configuration reloaded')
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    seen = []

    def read():
        try:
            seen.append(os.read(descriptor, 4096))
        except BlockingIOError:
            pass
        return b'MASTER' in b''.join(seen)
    wait_until(read, 'the new FIFO is written to')
    check(a.stop() == 0, 'exit 0')
    check(os.path.exists(fifo), 'a FIFO that was not ours is gone')


def stop_with_a_silent_mail_server(lab):
    """A mail server that says nothing holds up the stop for two seconds at most."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    server = subprocess.Popen(
        [*one.prefix, 'python3', '-c', 'import socket, time\ns = socket.socket()\n'
         's.bind(("127.0.0.1", 25))\ns.listen()\nall = [s.accept() for _ in range(99)]'])
    try:
        wait_until(lambda: ':25 ' in one.run('ss', '-ltn'), 'a server')
        a = one.start('global_defs {\n notify_timeout 15\n smtp_server 127.0.0.1\n smtp_connect_timeout 30\n'
                      ' notification_email {\n a@example.org\n }\n}\n' + instance(extra='smtp_alert'))
        wait_until(lambda: one.holds('192.0.2.100'), 'master')
        time.sleep(0.5)
        start = time.time()
        check(a.stop() == 0, 'exit 0')
        # Fifteen, if it were waited for as scripts are.
        check(time.time() - start < 10, 'the stop took %.1f s' % (time.time() - start))
    finally:
        server.kill()
        server.wait()
