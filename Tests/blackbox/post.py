"""An SMTP server in a node of its own, and what it got."""
import email
import json
import os
import subprocess

from lab import wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


class Mailbox:
    """An SMTP server in a node of its own."""

    def __init__(self, lab, behaviour='good', options=(), start=True):
        self.lab, self.behaviour, self.options = lab, behaviour, options
        self.node = lab.node('post', eth0='192.0.2.9/24')
        self.file = self.node.path('mail')
        self.process = None
        if start:
            self.start()

    def start(self, behaviour=None):
        open(self.file, 'w').close()
        self.process = subprocess.Popen(
            ['ip', 'netns', 'exec', 'post', '/usr/bin/python3', os.path.join(HERE, 'mailbox.py'),
             self.file, '25', '--behaviour', behaviour or self.behaviour, *self.options])
        wait_until(lambda: self.events('ready'), 'the mail server is ready', 30)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def events(self, kind):
        with open(self.file) as file:
            entries = [json.loads(line) for line in file.read().splitlines()]
        return [one for one in entries if one['event'] == kind]

    def mails(self):
        return self.events('mail')

    def subjects(self):
        return [email.message_from_string(one['text'])['Subject'] for one in self.mails()]

    def wait_subject(self, text, timeout=20):
        wait_until(lambda: text in self.subjects(), 'a mail "%s"' % text, timeout)
