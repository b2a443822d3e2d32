"""A mail server that answers as it is told, remembers what it took, and can hang up."""

import secrets
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

PORT = 2525


class Conversation(SMTP):
    """One that can be ended by us, between two mails: whoever has another one makes a new connection for it."""

    def __init__(self, server, **options):
        self.server = server
        self.has_taken = False
        super().__init__(server, **options)

    def connection_made(self, transport):
        super().connection_made(transport)
        self.server.conversations.add(self)

    def connection_lost(self, error):
        self.server.conversations.discard(self)
        super().connection_lost(error)

    def hang_up(self):
        if self.has_taken and self.transport and self.envelope.mail_from is None:
            self.transport.close()


class MailServer:
    def __init__(self):
        self.host = "127.%d.%d.%d" % tuple(1 + byte % 254 for byte in secrets.token_bytes(3))
        self.url = f"smtp://{self.host}:{PORT}"
        self.answer = None  # None: takes everything
        self.asked = threading.Event()
        self.taken = []
        self.conversations = set()
        self.controller = None

    async def handle_RCPT(self, _server, _session, envelope, address_, _options):
        self.asked.set()
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address_)
        return "250 OK"

    async def handle_DATA(self, conversation, _session, envelope):
        conversation.has_taken = True
        for line in envelope.content.decode(errors="replace").splitlines():
            if line.lower().startswith("message-id:"):
                self.taken.append(line.split("<")[1].split("@")[0])
        return "250 OK"

    def hang_up(self):
        """On everybody who has sent a mail and is not in the middle of another one."""
        self.controller.loop.call_soon_threadsafe(lambda: [one.hang_up() for one in list(self.conversations)])

    def start(self):
        server = self

        class Listening(Controller):
            def factory(self):
                return Conversation(server, **self.SMTP_kwargs)

        self.controller = Listening(self, hostname=self.host, port=PORT)
        self.controller.start()

    def stop(self):
        self.controller.stop()
        self.controller = None
