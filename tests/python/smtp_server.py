"""An SMTP server on loopback (aiosmtpd) that wants TLS and a login, and keeps each mail as JSON.

usage: smtp_server.py starttls|ascii|tls|plain DIR CERTIFICATE KEY USER PASSWORD

`ascii` is `starttls` without SMTPUTF8. Prints its port, and ends when its standard input does. Recipients called `nobody` are refused for good, those called
`busy` for now. Mails are parsed by Python's own library: DIR/1.json, DIR/2.json ...
"""

import asyncio
import email
import email.policy
import json
import logging
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# What the library has to say about itself is of no interest here.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
warnings.simplefilter("ignore")

MODE, DIR, CERTIFICATE, KEY, USER, PASSWORD = sys.argv[1:7]


class Keeper:
    """Keeps mails."""

    def __init__(self):
        self.count = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        """Takes a recipient, or does not."""
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("busy"):
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        """Writes a mail as a whole."""
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        kept = {
            "login": session.auth_data.login.decode() if session.auth_data else None,
            "tls": session.ssl is not None or MODE == "tls",
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "parts": [
                {"type": part.get_content_type(), "text": part.get_content()}
                for part in mail.walk()
                if not part.is_multipart()
            ],
        }
        self.count += 1
        path = os.path.join(DIR, f"{self.count}.json")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(kept, file)
        os.rename(path + ".part", path)
        return f"250 kept as {self.count}"


def authenticate(_server, _session, _envelope, _mechanism, data):
    """Lets one user in."""
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good, auth_data=data)


async def main():
    """Serves until nobody is interested any more."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, KEY)
    keeper = Keeper()

    def factory():
        if MODE == "plain":
            return SMTP(keeper, hostname="localhost")
        upgrades = MODE in ("starttls", "ascii")
        return SMTP(
            keeper,
            hostname="localhost",
            authenticator=authenticate,
            auth_required=True,
            auth_require_tls=upgrades,
            require_starttls=upgrades,
            tls_context=context if upgrades else None,
            enable_SMTPUTF8=MODE != "ascii",
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=context if MODE == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
os._exit(0)
