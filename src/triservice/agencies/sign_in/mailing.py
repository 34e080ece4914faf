"""Messages about signing in, sent beside the request: its answer must not tell whom it knows.

A link to set a password goes only to addresses that are known. Were the answer to wait for the mail
server, or fail with it, the time or the fault would say whether an address is one of them.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException

from django.core.mail import EmailMessage

log = logging.getLogger("triservice.sign_in")
_SENDERS = ThreadPoolExecutor(2, thread_name_prefix="sign-in mail")  # ends when all is sent


def post(message: EmailMessage) -> None:
    """Send a message soon. One that cannot be sent is logged; who waits for it asks again."""
    _SENDERS.submit(_send, message)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, SMTPException):
        log.exception("a message about signing in could not be sent")
