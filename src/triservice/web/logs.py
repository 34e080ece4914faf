"""Logs as one JSON object per line, without personal data.

No path, query, address, e-mail or name is written. A path may name a person, and the message of an
exception may hold a row, so of a fault the log keeps its type and where it happened (and its
message only with TRISERVICE_DEBUG, which production refuses).
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_QUERY = re.compile(r"\?\S*")
_PLACEHOLDER = re.compile(r"%|:")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
# Loggers whose messages hold what a person sent: only their level and place are kept.
_QUOTING = ("django.request", "django.security", "django.server", "django.db", "allauth")


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "said": _said(record),
        }
        line |= getattr(record, "fields", {})
        if request := getattr(record, "request", None):
            match = getattr(request, "resolver_match", None)
            line["route"] = match.route if match else None
            line["request"] = getattr(request, "number", None)
        if status := getattr(record, "status_code", None):
            line["status"] = status
        if record.exc_info and record.exc_info[0]:
            line |= _fault(*record.exc_info[:2], record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def _said(record: logging.LogRecord) -> str:
    quoting = record.name.startswith(_QUOTING)
    text = str(record.msg) if quoting else record.getMessage()
    if quoting:  # up to where what was sent would be filled in
        text = _PLACEHOLDER.split(text, maxsplit=1)[0].rstrip(" :('\"")
    for pattern, instead in ((_EMAIL, "(e-mail)"), (_QUERY, ""), (_ADDRESS, "(address)")):
        text = pattern.sub(instead, text)
    return text or record.name


def _fault(kind: type[BaseException], fault: BaseException | None, trace: Any) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)
    where = [f"{_module(f.filename)}:{f.lineno} {f.name}" for f in frames[-12:]]
    causes: list[str] = []
    cause = fault.__cause__ or fault.__context__ if fault else None
    while cause is not None and len(causes) < 5:
        causes.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    said = {"message": str(fault)} if settings.DEBUG else {}  # never in production
    return {
        "fault": kind.__name__,
        **said,
        "where": where,
        **({"causes": causes} if causes else {}),
    }


def _module(path: str) -> str:
    """Return the file without the machine's own folders."""
    for mark in ("/site-packages/", "/src/", "/lib/"):
        if mark in path:
            return path.rsplit(mark, 1)[1]
    return path.rsplit("/", 1)[-1]


def configure(options: dict[str, Any]) -> None:
    """Configure logging; Django calls this with the setting LOGGING."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": "triservice.web.logs.JsonLines"}},
            "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["lines"], "level": "WARNING"},
            "loggers": {
                "triservice": {"level": options["level"]},
                "django": {"level": options["level"], "handlers": [], "propagate": True},
                "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
                # Every refusal would be a line twice: RequestRecord has written it.
                "django.request": {"level": "ERROR"},
                "gunicorn": {"level": "INFO", "propagate": True},
            },
        }
    )
