"""Mail for the tests: a mail server that says what a test wants it to say, and what mails are made of.

`Sink` is a real SMTP server (aiosmtpd) on an address of its own. A test hangs hooks on it, by the
command at which they run: a hook may answer instead of it ("550 5.1.1 no"), drop the connection (DROP),
or do something first, such as killing whoever sends.
"""
import asyncio
import base64
import email
import email.policy
import json
import os
import secrets
import subprocess
import threading

import icalendar
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from world import BUILD

DROP = "drop the connection"


def loopback():
    """An address that nobody else has: a random one of the loopback network."""
    return "127.%d.%d.%d" % tuple(1 + byte % 254 for byte in secrets.token_bytes(3))


class Mail:
    """One that has arrived."""

    def __init__(self, sender, recipients, content, is_tls):
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.is_tls = is_tls
        self.message = email.message_from_bytes(content, policy=email.policy.default)

    def __getitem__(self, name):
        return self.message[name]

    def part(self, kind):
        """The text of the part of that type, or None."""
        found = [p for p in self.message.walk() if p.get_content_type() == kind]
        assert len(found) <= 1
        return found[0].get_content() if found else None


class Server(SMTP):
    """An SMTP server with a hook before each command."""

    def __init__(self, sink, **options):
        self.sink = sink
        super().__init__(sink, **options)

    async def answered(self, command):
        """True when a hook has answered in the command's place."""
        answer = await asyncio.get_running_loop().run_in_executor(
            None, self.sink.hook, command, self)
        if answer == DROP:
            self.transport.abort()
        elif answer:
            await self.push(answer)
            if answer.startswith("421"):
                self.transport.close()
        return bool(answer)

    async def smtp_EHLO(self, hostname):
        self.sink.greeted.append(hostname)
        if not await self.answered("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg):
        if not await self.answered("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        if not await self.answered("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        if not await self.answered("DATA"):
            await super().smtp_DATA(arg)


class Sink(Controller):
    """Hooks: EHLO, MAIL, RCPT, DATA before the server answers these; DOT when it has the whole mail,
    which counts as arrived unless the hook is `refuse`; each gets the envelope's recipients."""

    def __init__(self, hostname=None, **options):
        self.arrived = []
        self.greeted = []
        self.hooks = {}
        self.lock = threading.Lock()
        super().__init__(self, hostname=hostname or loopback(), port=2525, **options)

    def factory(self):
        return Server(self, **self.SMTP_kwargs)

    @property
    def url(self):
        return f"smtp://{self.hostname}:{self.port}"

    def on(self, command, answer, times=None):
        """What is answered, or called with the server's envelope, at the command; so often, and then
        no longer."""
        with self.lock:
            self.hooks[command] = [answer, times]

    def hook(self, command, server):
        with self.lock:
            found = self.hooks.get(command)
            if not found:
                return None
            answer, times = found
            if times is not None:
                found[1] = times - 1
                if found[1] <= 0:
                    del self.hooks[command]
        return answer(server.envelope) if callable(answer) else answer

    async def handle_DATA(self, server, session, envelope):  # pylint: disable=invalid-name
        is_tls = session.ssl is not None
        answer = await asyncio.get_running_loop().run_in_executor(None, self.hook, "REFUSE", server)
        if answer == DROP:
            server.transport.abort()
            return "250 nobody hears this"
        if answer:
            return answer
        self.arrived.append(
            Mail(envelope.mail_from, list(envelope.rcpt_tos), envelope.content, is_tls))
        answer = await asyncio.get_running_loop().run_in_executor(None, self.hook, "DOT", server)
        if answer == DROP:
            server.transport.abort()
        return answer if answer and answer != DROP else "250 2.0.0 it is here"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def sign_in_as(user, password):
    """An authenticator of aiosmtpd's that lets one user in."""
    def check(_server, _session, _envelope, _mechanism, data):
        good = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=good)
    return check


def read_alike(mail):
    """Two parsers, Python's as strict as it is and MIME-tools, find nothing wrong and read the same; so does icalendar with
    an invitation."""
    strict = email.message_from_bytes(mail.content, policy=email.policy.strict)
    done = subprocess.run([os.path.join(os.path.dirname(__file__), "mime_parts")], input=mail.content, check=False,
                          capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    other = json.loads(done.stdout)
    leaves = [part for part in strict.walk() if not part.is_multipart()]
    assert [(part.get_content_type(), part.get_content_charset(), by_lines(part.get_payload(decode=True)))
            for part in leaves] == [
        (part["type"], part["charset"].lower(), by_lines(base64.b64decode(part["content"]))) for part in other["parts"]]
    for name in ("Subject", "From", "To", "Message-ID", "Date"):
        assert unfolded(strict[name]) == unfolded(other["headers"][name.lower()]), name
    for part in leaves:
        if part.get_content_type() == "text/calendar":
            assert icalendar.Calendar.from_ical(part.get_payload(decode=True)).errors == []


def by_lines(content):
    """However lines end: a parser may make its machine's of it."""
    return content.decode().splitlines()


def unfolded(value):
    """Without the quotes that one of the parsers takes off a name."""
    return " ".join(str(value).replace('"', "").replace("\\", "").split())


class Probe:
    """mail_probe, to which fields go and from which fields come."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([f"{BUILD}/tests/mail_probe", *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, fields, answers):
        for field in fields:
            data = field if isinstance(field, bytes) else str(field).encode()
            self.process.stdin.write(b"%d\n" % len(data) + data)
        self.process.stdin.flush()
        return [self.process.stdout.read(int(self.process.stdout.readline()))
                for _ in range(answers)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(30) == 0
