"""A mail server that takes letters, or refuses them as their address says. README.md beside it tells how.

Prints a line of JSON when it listens, and one for every letter that it took or refused.
"""

import argparse
import asyncio
import email
import email.policy
import json
import pathlib
import smtplib
import ssl
import subprocess
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

SLOW_SECONDS = 2


def say(**line):
    print(json.dumps(line), flush=True)


def certificate(folder):
    """Makes an authority and a certificate of it for this machine, and answers the files of both."""
    names = ["authority.pem", "authority.key", "server.pem", "server.key", "server.csr", "server.ext"]
    authority, authority_key, cert, key, request, extensions = (str(folder / name) for name in names)
    pathlib.Path(extensions).write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl = "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"
    signed = "openssl", "x509", "-req", "-days", "1", "-CA", authority, "-CAkey", authority_key, "-CAcreateserial"
    for command in [
        [*openssl, "-x509", "-days", "1", "-subj", "/CN=authority of a test", "-keyout", authority_key, "-out", authority],
        [*openssl, "-subj", "/CN=localhost", "-keyout", key, "-out", request],
        [*signed, "-in", request, "-extfile", extensions, "-out", cert],
    ]:
        subprocess.run(command, check=True, capture_output=True)
    return authority, cert, key


def enclosure(part):
    """What a picture or a file beside the words is."""
    content = part.get_payload(decode=True)
    return {
        "type": part.get_content_type(),
        "disposition": part.get_content_disposition(),
        "name": part.get_filename(),
        "id": part["Content-ID"],
        "begins": content[:8].hex(),
        "bytes": len(content),
    }


class Script:
    """What becomes of a letter, by the local part of its address."""

    def __init__(self):
        self.seen = set()

    def first_time(self, word, address):
        if not address.startswith(word + "-") or address in self.seen:
            return False
        self.seen.add(address)
        return True

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = None
        if self.first_time("later", address):
            refusal = "451 4.3.0 try later"
        elif address.startswith("never-"):
            refusal = f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        elif address.startswith("unwanted-"):
            refusal = "550 5.7.1 your letter looks like nothing we want"
        if refusal:
            say(refused=address, said=refusal)
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if self.first_time("drop", address):
            say(dropped=address)
            server.transport.abort()
            return "421 4.3.0 gone"
        if address.startswith("slow-"):
            await asyncio.sleep(SLOW_SECONDS)
        if address.startswith("silent-"):
            say(silent=address)
            await asyncio.Event().wait()
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
        headers = {name: str(value) for name, value in message.items()}
        say(
            tls=server.transport.get_extra_info("sslcontext") is not None,
            authenticated=bool(session.authenticated),
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            smtputf8=bool(envelope.smtp_utf8),
            headers=headers,
            raw_headers=envelope.original_content.split(b"\r\n\r\n")[0].decode("utf-8", "replace"),
            parts={part.get_content_type(): part.get_content() for part in texts},
            enclosures=[enclosure(part) for part in message.walk() if part.get_content_disposition()],
            order=[part.get_content_type() for part in message.walk()],
            defects=[str(defect) for part in message.walk() for defect in part.defects],
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"app", b"secret")
    # Not handled: the library says 535 itself.
    return AuthResult(success=known, handled=False)


def protocol(mode, context, script):
    """One connection."""
    safe, starttls = mode in ("starttls", "implicit"), mode == "starttls"
    return SMTP(
        script,
        hostname="sink.example",
        enable_SMTPUTF8=mode != "ascii",
        authenticator=authenticate if safe else None,
        auth_required=safe,
        auth_require_tls=starttls,
        tls_context=context if starttls else None,
        require_starttls=starttls,
    )


def greet(mode, port, context):
    """Proves that it is up: says hello as any client would."""
    if mode == "implicit":
        client = smtplib.SMTP_SSL("localhost", port, context=context)
    else:
        client = smtplib.SMTP("localhost", port)
    with client:
        assert client.ehlo()[0] == 250


async def serve(mode, folder):
    authority, cert, key = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    script, loop = Script(), asyncio.get_running_loop()
    tls = context if mode == "implicit" else None
    server = await loop.create_server(lambda: protocol(mode, context, script), "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    await asyncio.to_thread(greet, mode, port, ssl.create_default_context(cafile=authority))
    say(port=port, authority=authority)
    # Until whoever started it is gone.
    await asyncio.to_thread(sys.stdin.read)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mode", choices=["starttls", "implicit", "plain", "ascii"], required=True)
    arguments.add_argument("--folder", type=pathlib.Path, required=True)
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(options.mode, options.folder))


if __name__ == "__main__":
    main()
