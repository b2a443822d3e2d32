"""Postfix, the mail system that most districts' relays are: an instance of its own in a folder, on an address of its
own, which passes everything on to a sink, and brings back what does not arrive to `kith bounce`.

Postfix starts as root, as it changes to users of its own: with sudo, where the tests are somebody else's.
"""
import os
import pwd
import shutil
import subprocess
import tempfile

from mails import loopback
from workers import wait_until
from world import BUILD, ROOT

PORT = 2525
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
mynetworks = 127.0.0.0/8
relayhost = {next_hop}
default_transport = {transport}
smtp_host_lookup = native
disable_dns_lookups = yes
alias_maps =
local_recipient_maps =
message_size_limit = {largest}
smtpd_peername_lookup = no
smtpd_recipient_restrictions = check_recipient_access inline:{{{answers}}}, permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
transport_maps = inline:{{bounce@mail.example.org=bounces:}}
recipient_delimiter = +
bounces_destination_recipient_limit = 1
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""
# No chroot, and no more services than the relay needs.
MASTER = """
{address}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
bounces unix - n n - - pipe flags=q user={user} argv={handler} ${{original_recipient}}
"""


class Postfix:
    """A relay; without a sink it throws away what it has taken. Answers: what RCPT of an address gets, as an access table
    says it ("450 4.2.0 later")."""

    def __init__(self, sink, database, answers=None, largest=1000000):
        self.address = loopback()
        self.folder = tempfile.mkdtemp(prefix="kith-postfix-")
        os.chmod(self.folder, 0o755)
        self.config = os.path.join(self.folder, "etc")
        for name in ("etc", "queue", "data"):
            os.mkdir(os.path.join(self.folder, name))
        shutil.copy("/etc/postfix/dynamicmaps.cf", self.config)
        self.as_root("chown", "postfix", os.path.join(self.folder, "data"))
        values = {
            "folder": self.folder, "address": self.address, "port": PORT, "largest": largest,
            "next_hop": f"[{sink.hostname}]:{sink.port}" if sink else "", "transport": "smtp" if sink else "discard",
            "user": self.reader(database), "handler": self.handler(database),
            "answers": ", ".join(f"{{{who}={answer}}}" for who, answer in (answers or {"nobody@example.net": "OK"}).items())}
        self.write("main.cf", MAIN.format(**values))
        self.write("master.cf", MASTER.format(**values))

    @staticmethod
    def reader(database):
        """Who reads what comes back: whoever may reach the database."""
        return pwd.getpwuid(os.stat(database.cluster.folder).st_uid).pw_name

    def handler(self, database):
        """A wrapper, as pipe(8) hands no environment on."""
        path = os.path.join(self.folder, "bounced")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n"
                       f"KITH_MIGRATE_URL='{database.uri('kith_migrate')}' exec {os.path.join(BUILD, 'bin/kith')} bounce \"$@\"\n")
        os.chmod(path, 0o755)
        return path

    def write(self, name, text):
        with open(os.path.join(self.config, name), "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def as_root(*command):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        done = subprocess.run([*prefix, *command], check=False, capture_output=True, text=True, cwd=ROOT, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    def postfix(self, word):
        self.as_root("/usr/sbin/postfix", "-c", self.config, word)

    @property
    def url(self):
        return f"smtp://{self.address}:{PORT}"

    def log(self):
        try:
            with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, text):
        wait_until(lambda: text in self.log(), f"{text!r} in the relay's log", 20)

    def start(self):
        self.postfix("start")

    def stop(self):
        self.postfix("abort")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        print(self.log())  # pytest shows it when a test has failed
        try:
            self.stop()
        finally:
            self.as_root("rm", "-rf", self.folder)
