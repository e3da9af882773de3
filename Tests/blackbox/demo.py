#!/usr/bin/env python3
"""Two routers and a client on a LAN of their own: kill the master, and see who takes over.

    demo.py --daemon build/martletd [--with nginx]

Runs as root, or as any user where the kernel allows user namespaces. Everything lives in private
namespaces; the kernel removes them at the end.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import lab  # noqa: E402
import web  # noqa: E402
from lab import Client, Lab, instance, wait_until  # noqa: E402

ADDRESS = '192.0.2.100'
# advert_int 1, priority 100: 3 * Adver_Interval + Skew_Time, and Skew_Time alone (RFC 3768, 6.1).
MASTER_DOWN, SKEW = 3609.375, 609.375


class TimeLine:
    def __init__(self):
        self.start = time.time()

    def say(self, text, at=None):
        print('%7.3f s  %s' % ((at or time.time()) - self.start, text), flush=True)


def first_advertisement(place, source, since):
    return wait_until(lambda: place.wire.heard(source, since=since), '%s advertises' % source)[0]


def lost(client, since):
    """Milliseconds without an answer, around the hand-over that began at `since`."""
    times = sorted(one for one in client.answered.values() if one > since - 1)
    return max(later - earlier for earlier, later in zip(times, times[1:])) * 1000


def wait_for_service(client, after):
    return wait_until(lambda: client.first_answer(after), 'the client is answered again', 20)


def show_kill(place, line, client, first, second):
    time.sleep(0.3)
    moment = time.time()
    last = place.wire.heard('192.0.2.1')[-1].time
    line.say('the last advertisement of web1 is on the wire', last)
    line.say('web1 is killed (SIGKILL to both of its processes) and its cable is pulled', moment)
    first.kill_all()
    first.node.cut()
    heard = first_advertisement(place, '192.0.2.2', moment)
    line.say('web2 is MASTER: its first advertisement is on the wire', heard.time)
    answer = wait_for_service(client, last + 0.5)
    line.say('the client is answered by web2', answer)
    print('           %.1f ms after the last advertisement; the protocol allows no less than %.1f ms'
          % ((answer - last) * 1000, MASTER_DOWN))
    print('           the client lost %.0f ms' % lost(client, moment))


def show_return(place, line, client, first, text):
    first.node.run('ip', 'addr', 'flush', 'to', ADDRESS, 'dev', 'eth0')
    first.node.join()
    moment = time.time()
    line.say('web1 comes back', moment)
    again = first.node.start(text)
    heard = first_advertisement(place, '192.0.2.1', moment)
    line.say('web1 is MASTER again: its priority is higher', heard.time)
    wait_until(lambda: first.node.holds(ADDRESS), 'web1 holds the address')
    time.sleep(0.5)
    print('           the client lost %.0f ms' % lost(client, heard.time))
    return again


def show_stop(place, line, client, first, second):
    moment = time.time()
    line.say('web1 is stopped (SIGTERM)', moment)
    first.stop()
    farewell = place.wire.wait_heard('a priority 0', source='192.0.2.1', priority=0, since=moment)
    line.say('web1 resigned: priority 0 on the wire, its process has ended', farewell.time)
    heard = first_advertisement(place, '192.0.2.2', farewell.time)
    line.say('web2 is MASTER', heard.time)
    wait_for_service(client, heard.time)
    print('           %.1f ms after the resignation; the protocol allows no less than %.1f ms'
          % ((heard.time - farewell.time) * 1000, SKEW))
    print('           the client lost %.0f ms' % lost(client, farewell.time))


def play(place):
    one = place.node('web1', eth0='192.0.2.1/24')
    two = place.node('web2', eth0='192.0.2.2/24')
    texts = [instance('WEB', priority=priority) for priority in (150, 100)]
    line = TimeLine()
    line.say('web1 (192.0.2.1, priority 150) and web2 (192.0.2.2, priority 100) start: VRRP '
             'version 2, advert_int 1')
    first, second = one.start(texts[0]), two.start(texts[1])
    heard = first_advertisement(place, '192.0.2.1', line.start)
    line.say('web1 is MASTER of %s' % ADDRESS, heard.time)
    client = Client(place.node('client', eth0='192.0.2.9/24'), ADDRESS)
    line.say('a client asks %s every 2 ms and is answered' % ADDRESS,
             wait_for_service(client, 0))
    show_kill(place, line, client, first, second)
    first = show_return(place, line, client, first, texts[0])
    show_stop(place, line, client, first, second)
    client.stop()
    second.stop()
    line.say('web2 is stopped; the address is held by nobody: %s'
             % ('yes' if not (one.holds(ADDRESS) or two.holds(ADDRESS)) else 'NO'))


def play_nginx(place):
    line = TimeLine()
    line.say('web1 (priority 150) and web2 (100) start, each with nginx and a script that looks '
             'after it (weight -60)')
    (one, _), _, client = web.pair(place)
    line.say('a client asks http://%s/ ten times a second; web1 answers' % ADDRESS)
    old = one.pid()
    one.kill()
    line.say('nginx of web1 is killed')
    wait_until(lambda: one.pid() != old, 'nginx runs again', 15)
    line.say('the script has started it again', client.wait_from('web1'))
    one.spoil()
    one.kill()
    line.say('nginx of web1 is killed again, and its configuration is spoilt')
    line.say('web2 answers: 150 - 60 is less than 100', client.wait_from('web2'))
    one.repair()
    line.say('the configuration of web1 is repaired')
    line.say('web1 answers again', client.wait_from('web1'))
    client.stop()
    missed = [at for at, who in client.answers if who is None]
    line.say('%d of %d requests were not answered' % (len(missed), len(client.answers)))


def inside(options):
    place = Lab(options.daemon, '', options.scratch)
    try:
        play_nginx(place) if options.story == 'nginx' else play(place)
        return 0
    except lab.Failure as failure:
        print('the demonstration failed: %s' % failure)
        for daemon in place.daemons:
            print('--- %s\n%s' % (daemon.node.name, daemon.log()[-3000:]))
        return 1
    finally:
        place.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--daemon', required=True, type=os.path.abspath)
    parser.add_argument('--with', dest='story', choices=['nginx'], help='two web servers')
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    parser.add_argument('--scratch', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return inside(options)
    scratch = tempfile.mkdtemp(prefix='martlet-')
    os.chmod(scratch, 0o755)
    user = [] if os.geteuid() == 0 else ['--user', '--map-root-user']
    words = ['unshare', *user, '--mount', '--net', '--pid', '--fork', '--mount-proc',
             '--kill-child', sys.executable, os.path.abspath(__file__), '--inside', '--daemon',
             options.daemon, '--scratch', scratch]
    if options.story:
        words += ['--with', options.story]
    try:
        return subprocess.run(words).returncode
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
