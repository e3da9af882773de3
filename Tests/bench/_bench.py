"""What the benches share: namespaces of their own, and a table of figures beside keepalived's."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'blackbox'))
import lab  # noqa: E402

KEEPALIVED = '/usr/sbin/keepalived'


def main(measure):
    """Runs `measure(lab, options)` as root inside private network, mount and process namespaces."""
    parser = argparse.ArgumentParser(description=sys.modules['__main__'].__doc__)
    parser.add_argument('--daemon', required=True, type=os.path.abspath)
    parser.add_argument('--reference', default=KEEPALIVED)
    parser.add_argument('--repeats', type=int, default=5)
    parser.add_argument('--seconds', type=int, help='how long to watch, where a bench watches')
    parser.add_argument('--real-time', action='store_true', help='vrrp_rt_priority, where it counts')
    parser.add_argument('--scratch', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scratch:
        place = lab.Lab(options.daemon, options.reference, options.scratch)
        try:
            measure(place, options)
            return 0
        except lab.Failure as failure:
            print('  no figures: %s' % failure)
            for daemon in place.daemons:
                print('  --- %s %s\n%s' % (daemon.node.name, daemon.name, daemon.log()[-2000:]))
            return 1
        finally:
            place.close()
    scratch = tempfile.mkdtemp(prefix='martlet-')
    os.chmod(scratch, 0o755)
    try:
        return subprocess.run(
            ['unshare', '--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child',
             sys.executable, os.path.abspath(sys.argv[0]), '--scratch', scratch,
             *sys.argv[1:]]).returncode
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def row(name, ours, theirs, unit):
    """One line of the table: ours, keepalived's, and the ratio."""
    if theirs:
        print('  %-44s %10.3f %-4s  keepalived %10.3f %-4s  ratio %.2f'
              % (name, ours, unit, theirs, unit, ours / theirs), flush=True)
    else:
        print('  %-44s %10.3f %-4s' % (name, ours, unit), flush=True)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
