#!/usr/bin/env python3
"""Runs real daemons in namespaces and holds what they do against what they promise.

    run.py --daemon build/martletd [--only GLOB] [-j N] [--list]

Needs root, iproute2 and a real keepalived as the peer. Every case has its own namespaces; the
kernel removes them when the case ends.
"""
import argparse
import concurrent.futures
import fnmatch
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import lab  # noqa: E402

# The folder with the cases: `cases`, or `interop` (make interop) for peers that CI does not install.
SUITE = os.environ.get('MARTLET_SUITE', 'cases')
MODULES = sorted(name[:-3] for name in os.listdir(os.path.join(HERE, SUITE))
                 if name.endswith('.py') and not name.startswith('_'))


def cases():
    """{name: function}: every public function of the modules in the suite's folder."""
    found = {}
    for module in MODULES:
        for name, function in vars(importlib.import_module(SUITE + '.' + module)).items():
            if callable(function) and getattr(function, '__module__', '') == SUITE + '.' + module \
                    and not name.startswith('_'):
                found['%s.%s' % (module, name)] = function
    return found


def in_initial_namespaces(name):
    """Whether the case needs the machine's own: it is one of a virtual machine then."""
    module = importlib.import_module(SUITE + '.' + name.split('.')[0])
    return getattr(module, 'IN_INITIAL_NAMESPACES', False)


def inside(name, options):
    """One case, in namespaces of its own."""
    place = lab.Lab(options.daemon, options.reference, options.scratch,
                    has_network=not in_initial_namespaces(name))
    try:
        cases()[name](place)
        return 0
    except lab.Failure as failure:
        print(failure)
    except Exception:
        traceback.print_exc(file=sys.stdout)
    finally:
        place.close()
    for daemon in place.daemons:
        print('--- %s %s' % (daemon.node.name, daemon.name))
        print(daemon.log()[-6000:])
    return 1


def outside(name, options):
    scratch = tempfile.mkdtemp(prefix='martlet-')
    os.chmod(scratch, 0o755)
    own = [] if in_initial_namespaces(name) else [
        '--net', '--pid', '--fork', '--mount-proc', '--kill-child']
    words = ['unshare', '--mount', *own, sys.executable, os.path.abspath(__file__), '--inside', name, '--daemon',
             options.daemon, '--reference', options.reference, '--scratch', scratch]
    start = time.time()
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors='replace', timeout=180)
        return name, done.returncode == 0, done.stdout, time.time() - start
    except subprocess.TimeoutExpired as late:
        return name, False, 'took longer than 180 s\n%s' % late.stdout, 180.0
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--daemon', required=True, type=os.path.abspath)
    parser.add_argument('--reference', default='/usr/sbin/keepalived')
    parser.add_argument('--only', action='append', default=[])
    parser.add_argument('-j', type=int, default=8)
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--inside', help=argparse.SUPPRESS)
    parser.add_argument('--scratch', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return inside(options.inside, options)
    chosen = {name: function for name, function in cases().items()
              if not options.only or any(fnmatch.fnmatch(name, one) for one in options.only)}
    if options.list:
        for name, function in chosen.items():
            print('%-44s %s' % (name, (function.__doc__ or '').strip().split('\n')[0]))
        return 0
    for needed in (options.daemon, options.reference):
        if not os.access(needed, os.X_OK):
            print('run.py: cannot run %s' % needed)
            return 1
    return run_all(chosen, options)


def show(job, note=''):
    """Prints one outcome; returns the case's name if it failed."""
    name, passed, output, seconds = job
    print('%s  %-44s %5.1f s%s' % ('ok  ' if passed else 'FAIL', name, seconds, note), flush=True)
    if passed:
        return None
    print('      ' + output.strip().replace('\n', '\n      '), flush=True)
    return name


# What failed among others has to pass so often alone: a fault that comes and goes would show.
AGAIN = 3


def passes_alone(name, options):
    outcomes = [show(outside(name, options), '  (again, alone)') for _ in range(AGAIN)]
    return not any(outcomes)


def run_all(chosen, options):
    """Many at a time share few processors: what fails there is shown, and tried again alone."""
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        jobs = [pool.submit(outside, name, options) for name in chosen]
        outcomes = [show(job.result()) for job in concurrent.futures.as_completed(jobs)]
    suspects = [name for name in outcomes if name]
    failed = [name for name in suspects if not passes_alone(name, options)]
    print('%s: %d of %d cases passed, %d of them only alone'
          % (options.daemon, len(chosen) - len(failed), len(chosen), len(suspects) - len(failed)))
    return 1 if failed or not chosen else 0


if __name__ == '__main__':
    sys.exit(main())
