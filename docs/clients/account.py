"""What a person does with a mailbox and an authenticator, for the examples of docs/accounts.md.

    account.py token MAIL_FOLDER ADDRESS KIND   waits for a letter to an address; prints the token in its link
    account.py letter MAIL_FOLDER ADDRESS       waits for a letter to an address; prints its subject and text
    account.py otp SECRET [SPANS]               prints the one-time password of now, or of some spans later

KIND is v (an invitation) or r (a password reset). Python 3.9 or newer, nothing else.
"""

import base64
import email
import email.policy
import hashlib
import hmac
import pathlib
import re
import struct
import sys
import time

PATIENCE_SECS = 30


def letters(folder, address):
    """Every letter to an address, the newest first."""
    files = sorted(pathlib.Path(folder).glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files:
        letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if address.lower() in str(letter["to"]).lower():
            yield letter


def text(letter):
    return letter.get_body(("plain",)).get_content()


def wait_for(find):
    """A letter is sent behind the answer; it is there a moment later."""
    until = time.monotonic() + PATIENCE_SECS
    while time.monotonic() < until:
        found = find()
        if found:
            return found
        time.sleep(0.1)
    sys.exit("no such letter came")


def token(folder, address, kind):
    pattern = re.compile(rf"#token=(stoa_{kind}_[0-9a-z]+)")

    def newest():
        for letter in letters(folder, address):
            found = pattern.search(text(letter))
            if found:
                return found.group(1)
        return None

    print(wait_for(newest))


def letter(folder, address):
    found = wait_for(lambda: next(letters(folder, address), None))
    print(f"{found['subject']}\n\n{text(found)}")


def otp(secret, spans="0"):
    """RFC 6238: SHA-1, six digits, spans of thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    span = int(time.time()) // 30 + int(spans)
    digest = hmac.new(key, struct.pack(">Q", span), hashlib.sha1).digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    print(f"{number % 1_000_000:06}")


COMMANDS = {"token": token, "letter": letter, "otp": otp}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
