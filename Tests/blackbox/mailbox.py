"""A real SMTP server that writes what it got to a file, one JSON object a line.

    mailbox.py FILE PORT [--behaviour NAME] [--tls CERT KEY]

nobody@... is never known, late@... not at its first mail. Behaviours: good, refuse (550 to everyone), later (451 to both recipients of the first mail), slow (3 s before it accepts),
silent (takes connections and says nothing).
"""
import argparse
import asyncio
import json
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, options):
        self.options, self.left, self.seen = options, 2, set()

    async def handle_RCPT(self, server, session, envelope, address, _):
        if self.options.behaviour == 'refuse' or address.startswith('nobody'):
            return '550 no such user'
        if address.startswith('late') and address not in self.seen:
            self.seen.add(address)
            return '451 not before the second time'
        if self.options.behaviour == 'later' and self.left:
            self.left -= 1
            self.record({'event': 'later'})
            return '451 come back'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        if self.options.behaviour == 'slow':
            self.record({'event': 'slow'})
            await asyncio.sleep(3)
        self.record({'event': 'mail', 'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                     'hello': session.host_name, 'tls': session.ssl is not None,
                     'user': session.auth_data, 'text': envelope.content.decode()})
        return '250 OK'

    def record(self, entry):
        with open(self.options.file, 'a') as file:
            file.write(json.dumps({'time': time.time(), **entry}) + '\n')


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b'martlet' and data.password == b'secret word'
    return AuthResult(success=good, auth_data='martlet')


async def silence(reader, writer):
    await reader.read()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('file')
    parser.add_argument('port', type=int)
    parser.add_argument('--behaviour', default='good')
    parser.add_argument('--tls', nargs=2)
    options = parser.parse_args()
    more = {}
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        more = {'tls_context': context, 'require_starttls': True, 'auth_required': True,
                'authenticator': authenticate}
    handler = Handler(options)
    loop = asyncio.get_running_loop()
    if options.behaviour == 'silent':
        server = await asyncio.start_server(silence, None, options.port)
    else:
        server = await loop.create_server(
            lambda: SMTP(handler, hostname='post.example.org', **more), None, options.port)
    handler.record({'event': 'ready'})
    async with server:
        await server.serve_forever()


asyncio.run(main())
