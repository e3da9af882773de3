#!/usr/bin/env python3
"""Prints figures of both builds beside keepalived's, measured side by side.

    run.py [--only NAME]

Every other program of this folder that takes --daemon is a bench of its own; run.py runs them all.
Absolute times depend on the machine and on what else it does: look at the ratios. Nothing here
fails because of a figure.
"""
import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILDS = [('standard', 'build/martletd'), ('small', 'build/small/martletd')]


def benches():
    """Names of the programs; modules that only others import begin with an underscore."""
    return sorted(name[:-3] for name in os.listdir(HERE)
                  if name.endswith('.py') and not name.startswith('_') and name != 'run.py')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--only', action='append', default=[])
    options = parser.parse_args()
    status = 0
    for name in benches():
        if options.only and name not in options.only:
            continue
        for build, path in BUILDS:
            print('== %s, %s build' % (name, build), flush=True)
            done = subprocess.run([sys.executable, os.path.join(HERE, name + '.py'), '--daemon',
                                   os.path.join(ROOT, path)])
            status = status or done.returncode
    return status


if __name__ == '__main__':
    sys.exit(main())
