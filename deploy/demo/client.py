"""Kith's API for a program: connections that stay open, files for the importer, and patience."""

import csv
import http.client
import io
import json
import threading
import time
import urllib.parse

PATIENCE_S = 90
AGAIN = {409, 429, 503}  # with Retry-After
PAPER = b"%PDF-1.7\n%%EOF\n"  # as much of a file as shows what it is


class Refused(Exception):
    def __init__(self, status, problem, what):
        super().__init__(f"{what}: {status} {problem}")
        self.status = status
        self.problem = problem


class Client:
    """One principal, from any thread."""

    def __init__(self, url, key=None):
        parts = urllib.parse.urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.scheme, self.address = parts.scheme, parts.netloc
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.local = threading.local()
        self.requests = 0

    def connection(self, fresh=False):
        if fresh or not hasattr(self.local, "connection"):
            kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
            self.local.connection = kind(self.address, timeout=60)
        return self.local.connection

    def exchange(self, method, path, body, headers):
        for fresh in (False, True):
            connection = self.connection(fresh)
            try:
                connection.request(method, path, body=body, headers=headers)
                reply = connection.getresponse()
                return reply, reply.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                connection.close()
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def send(self, method, path, body=None, content_type="application/json", **headers):
        """(reply, its JSON); who is told to wait waits."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        given = {**self.headers, "Accept": "application/json", **headers}
        if body is not None:
            given["Content-Type"] = content_type
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.requests += 1
            reply, content = self.exchange(method, path, body, given)
            wait = reply.getheader("Retry-After")
            if reply.status not in AGAIN or not wait or time.monotonic() + float(wait) > deadline:
                break
            time.sleep(float(wait))
        found = json.loads(content) if content and "json" in (reply.getheader("Content-Type") or "") else None
        if reply.status >= 400:
            problem = found and (found.get("detail") or found.get("title"))
            if found and found.get("errors"):
                problem = f"{problem} {found['errors']}"
            raise Refused(reply.status, problem, f"{method} {path}")
        return reply, found

    def get(self, path, **query):
        return self.send("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))[1]

    def post(self, path, body=None):
        return self.send("POST", path, {} if body is None else body)[1]

    def change(self, path, fields):
        """What is said of it, as it stands now."""
        reply, _ = self.send("GET", path)
        return self.send("PATCH", path, fields, "application/merge-patch+json", **{"If-Match": reply.getheader("ETag")})[1]

    def review(self, agreement, reviewer):
        """What was submitted has a step of its review, in which the reviewer approves it, and is approved."""
        step = self.post("/v1/agreement_steps", {"agreement_id": agreement, "kind": "legal"})
        for path in (f"/v1/agreement_steps/{step['id']}", f"/v1/agreements/{agreement}"):
            reviewer.post(f"{path}/approve")

    def sign(self, agreement, side, signer):
        """Records a signature that was made on paper, with the file that shows it."""
        file = self.send("POST", f"/v1/attachments?name=signed.pdf&subject_kind=agreement&subject_id={agreement}",
                         PAPER, "application/pdf")[1]
        self.post(f"/v1/agreements/{agreement}/sign", {"side": side, "signer": signer, "attachment_id": file["id"]})

    def all(self, plural, **query):
        """Every row of a list."""
        rows, cursor = [], {}
        while True:
            page = self.get(f"/v1/{plural}", limit=200, **query, **cursor)
            rows += page["data"]
            if not page["page"]["has_more"]:
                return rows
            cursor = {"cursor": page["page"]["next_cursor"]}

    # ---- Files -----------------------------------------------------------------------------------

    def load(self, kind, rows, **query):
        """Imports the rows: the report, with its rejected rows' reasons counted in "why"."""
        out = io.StringIO()
        columns = list(dict.fromkeys(column for row in rows for column in row))
        writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        target = "/v1/imports?" + urllib.parse.urlencode({"kind": kind, **query})
        reply, report = self.send("POST", target, out.getvalue().encode(), "text/csv")
        wait = 0.01
        while report["status"] not in ("done", "failed"):
            time.sleep(wait)
            wait = min(wait * 1.5, 0.5)
            report = self.get(reply.getheader("Location"))
        if report["status"] == "failed":
            raise Refused(200, report["reason"], f"the import of {kind}")
        report["why"] = {}
        if report["rejected"]:
            for row in self.all(f"imports/{report['id']}/rows", outcome="rejected"):
                why = "; ".join(f"{e['column'] or 'the row'} {e['detail']}" for e in row["errors"])
                report["why"][why] = report["why"].get(why, 0) + 1
        return report


class Session(Client):
    """Somebody who signed in by password."""

    def __init__(self, url, district, email, password):
        super().__init__(url)
        reply, _ = self.send("POST", "/v1/sessions",
                             {"district": district, "email": email, "password": password})
        cookie = reply.getheader("Set-Cookie").split(";")[0]
        self.headers = {"Cookie": cookie}
        self.me = self.get("/v1/me")
        self.headers |= {"X-CSRF-Token": self.me["csrf_token"], "Origin": self.origin}
