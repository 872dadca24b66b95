"""A client and receiver of Teachbase's kind, to run and to copy from. It needs Python's standard library, no more.

    export ADDRESS=http://127.0.0.1:8080 CLIENT_ID=... CLIENT_SECRET=...
    python3 teachbase.py ping
    python3 teachbase.py list courses
    python3 teachbase.py receive 9000

`list` takes a path below /endpoint/v1 and prints a line of JSON for each row. `receive` listens on 127.0.0.1, prints
the port, answers 200 to every webhook, asks the API for the statistic that each one is about, and prints whether both
say the same. Port 0 is any free one; a second number ends it after so many webhooks.

Nothing in here knows which server it talks to: another ADDRESS and other credentials are all that differs.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

BODY_MAX_BYTES = 1024 * 1024
PER_PAGE = 50
# Taken anew this long before its end, so that no call is made with a token that is about to go.
MARGIN_SECONDS = 60


class Refused(Exception):
    """An answer that was not a good one, with what it said."""

    def __init__(self, status, body):
        self.status = status
        super().__init__(f"{status} {body.get('error') or '; '.join(body.get('errors', []))}")


class Client:
    """Takes a token for an id and a secret, keeps it while it works, and calls the API with it."""

    def __init__(self, address, client_id, client_secret, account=None):
        self.address, self.account = address.rstrip("/"), account
        self.credentials = {"client_id": client_id, "client_secret": client_secret}
        self.token, self.until, self.lock = None, 0, Lock()

    def access_token(self):
        with self.lock:
            if time.time() > self.until - MARGIN_SECONDS:
                wanted = {**self.credentials, "grant_type": "client_credentials", "scope": "public"}
                answer, _ = self.send("/oauth/token", urllib.parse.urlencode(wanted).encode())
                self.token, self.until = answer["access_token"], answer["created_at"] + answer["expires_in"]
            return self.token

    def get(self, path, **parameters):
        """The answer to GET /endpoint/v1/<path>, and its headers."""
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        headers = {"Authorization": "Bearer " + self.access_token()}
        if self.account is not None:
            headers["X-Account-Id"] = str(self.account)
        return self.send(f"/endpoint/v1/{path}{query}", None, headers)

    def ping(self):
        self.get("_ping")

    def rows(self, path):
        """Every row of a list, page by page. An empty page is behind the last one."""
        page, total, seen = 1, None, 0
        while total is None or seen < total:
            rows, headers = self.get(path, page=page, per_page=PER_PAGE)
            if not rows:
                return
            yield from rows
            page, total, seen = page + 1, int(headers["total"]), seen + len(rows)

    def stat(self, kind, data):
        """The statistic that a webhook was about, as the API says it now."""
        below = "" if kind == "course_stat" else f"courses/{data['course_id']}/"
        return self.get(f"{below}{kind}s/{data['id']}")[0]

    def send(self, path, body=None, headers=None):
        request = urllib.request.Request(self.address + path, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer), answer.headers
        except urllib.error.HTTPError as refusal:
            raise Refused(refusal.code, json.load(refusal)) from None


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    client, limit, seen, lock = None, None, 0, Lock()

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if not 0 < length <= BODY_MAX_BYTES:
            return self.reply(413)
        hook = json.loads(self.rfile.read(length))
        # Always 200, and before anything is made of it: the status says that the channel works, no more.
        self.reply(200)
        said = self.compare(hook["type"], hook["event"], hook["data"])
        with Receiver.lock:
            print(f"{hook['type']} {hook['event']}: {said}", flush=True)
            Receiver.seen += 1
            if Receiver.seen == Receiver.limit:
                Thread(target=self.server.shutdown).start()

    def compare(self, kind, event, data):
        if self.headers.get("webhook-test"):
            return "a test"
        now = self.client.stat(kind, data)
        if list(now.items()) == list(data.items()):
            return "the API says the same"
        # A later webhook is on its way, or came before this one.
        return "the API is ahead" if now["updated_at"] >= data["updated_at"] else "the API is behind"

    def reply(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main(command, *arguments):
    client = Client(
        os.environ["ADDRESS"], os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], os.environ.get("ACCOUNT_ID")
    )
    client.ping()
    if command == "ping":
        print("the token works")
    elif command == "list":
        for row in client.rows(*arguments):
            print(json.dumps(row, ensure_ascii=False))
    elif command == "receive":
        Receiver.client = client
        Receiver.limit = int(arguments[1]) if len(arguments) > 1 else None
        server = ThreadingHTTPServer(("127.0.0.1", int(arguments[0])), Receiver)
        # The last comparison is printed before the process ends.
        server.daemon_threads = False
        print(server.server_port, flush=True)
        server.serve_forever()
        server.server_close()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        sys.exit(f"refused: {refused}")
