"""A receiver of Stoa's webhooks in all three dialects, to run and to copy from.

    pip install standardwebhooks
    SECRET=whsec_... python3 receiver.py 9000

It listens on 127.0.0.1, one path for each dialect: /talktiko, /teachbase, /reach360. It answers 204 to what
verifies and 401 to what does not, and prints a line of JSON for each. Port 0 is any free one.
"""

import hashlib
import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from standardwebhooks import Webhook

BODY_MAX_BYTES = 1024 * 1024
SECRET = os.environ["SECRET"]  # whsec_..., as the webhook's creation answered it


def verify_standard(headers, body):
    """webhook-signature, webhook-id and webhook-timestamp, in every dialect.

    Raises unless one of the signatures is right and the timestamp is at most five minutes old. Verify the bytes that
    came, before anything parses them.
    """
    Webhook(SECRET).verify(body, headers, json_parse=False)


def verify_talktiko(headers, body):
    """X-Signature-256, in the dialect talktiko: keyed by the secret's text as it is shown, whsec_ included.

    It covers no time, so whoever fears replays verifies the standard headers too.
    """
    insist(headers.get("x-signature-256"), "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest())


def verify_reach360(headers, body):
    """X-Hook-Signature, in the dialect reach360: the same with SHA-1 and without a prefix."""
    insist(headers.get("x-hook-signature"), hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest())


def insist(given, expected):
    if not hmac.compare_digest((given or "").encode(), expected.encode()):
        raise ValueError("the signature does not verify")


CHECKS = {
    "talktiko": [verify_talktiko, verify_standard],
    "teachbase": [verify_standard],
    "reach360": [verify_reach360, verify_standard],
}

# An event may be sent again, always under the same webhook-id; other webhooks get it under that id too. In earnest
# this is a table with a unique key, written in the transaction that uses the event.
SEEN = set()
LOCK = Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a silent connection is kept

    def do_POST(self):
        dialect = self.path.split("?")[0].removeprefix("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        event = headers.get("webhook-id")
        try:
            body = self.read()
            for check in CHECKS[dialect]:
                check(headers, body)
            event_type = json.loads(body)["type"]
        except Exception as error:
            self.answer(401)
            tell(dialect=dialect, id=event, verdict="refused", why=str(error))
            return
        # Thank at once; work afterwards. Who takes longer than 15 seconds is asked again.
        self.answer(204)
        with LOCK:
            repeated = (dialect, event) in SEEN
            SEEN.add((dialect, event))
        if repeated:
            tell(dialect=dialect, id=event, verdict="repeated")
        else:
            tell(dialect=dialect, id=event, verdict="verified", type=event_type)

    def read(self):
        length = int(self.headers["content-length"])
        if length > BODY_MAX_BYTES:
            self.close_connection = True
            raise ValueError("the body is too large")
        return self.rfile.read(length)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing; `tell` does."""


def tell(**line):
    with LOCK:
        print(json.dumps(line), flush=True)


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Receiver)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
