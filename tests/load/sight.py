"""Somebody who writes a number that nobody else does, and reads until it is shown, again and again, while others write."""
import http.client
import threading
import time

SHOWN_WITHIN_S = 30
PAUSE_S = 0.1


class Probe(threading.Thread):
    """It writes by send(number) and reads by shown(), which are whose it is; done() ends it: milliseconds, each from a write
    until it was shown."""

    looks_every_s = 0.004

    def __init__(self, of_world, until):
        super().__init__()
        self.world, self.until = of_world, until
        self.times_ms, self.error = [], None
        self.connection = http.client.HTTPConnection("127.0.0.1", of_world.api.port, timeout=SHOWN_WITHIN_S)

    def ask(self, method, path, fields, body=None):
        """The reply's body; one that is no success ends the probe."""
        self.connection.request(method, path, body, fields)
        reply = self.connection.getresponse()
        text = reply.read()
        assert reply.status // 100 in (2, 3), f"{method} {path}: {reply.status} {text}"
        return text

    def once(self, number):
        began = time.monotonic()
        self.send(number)
        while self.shown() != number:
            assert time.monotonic() < began + SHOWN_WITHIN_S, "it is never shown"
            time.sleep(self.looks_every_s)
        self.times_ms.append((time.monotonic() - began) * 1000)

    def run(self):
        number = 0
        try:
            while time.monotonic() < self.until:
                number += 1
                self.once(number)
                time.sleep(PAUSE_S)
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def done(self):
        self.join()
        if self.error:
            raise self.error
        return self.times_ms


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
