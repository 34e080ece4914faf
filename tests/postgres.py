"""A PostgreSQL of the tests' own: started in a temporary folder, stopped and removed afterwards.

`with server() as address:` gives `postgres://…`; as a program it runs a command with
TRISERVICE_DATABASE set to it:

    python tests/postgres.py pytest tests/access
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A test's records need not outlive the power, so nothing waits for the disk.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, the newest there is; None without PostgreSQL."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    several = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(several, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


@contextmanager
def server() -> Iterator[str]:
    """Start a server, give its address, stop it. Raises RuntimeError without PostgreSQL."""
    folder = programs()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed (apt-get install postgresql)")
    home = Path(tempfile.mkdtemp(prefix="triservice-postgres-"))
    owner = _owner()
    try:
        password = secrets.token_urlsafe(16)
        secret = home / "password"
        secret.write_text(password, encoding="utf-8")
        if owner:
            for path in (home, secret):
                os.chown(path, *owner)
        data, port = home / "data", _free_port()
        run(
            owner,
            folder / "initdb",
            *("-D", data, "-A", "scram-sha-256", f"--pwfile={secret}", "-U", "triservice"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        listen = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
        log = home / "log"
        run(
            owner, folder / "pg_ctl", "-D", data, "-l", log, "-o", f"{listen} {FAST}", "-w", "start"
        )
        try:
            yield f"postgres://triservice:{password}@127.0.0.1:{port}/postgres"
        finally:
            run(owner, folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home)


def _owner() -> tuple[int, int] | None:
    """Return whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        raise RuntimeError("as root, PostgreSQL needs the account postgres") from None
    return account.pw_uid, account.pw_gid


def run(owner: tuple[int, int] | None, *command: str | Path) -> None:
    """Run a program as its owner; what it printed is shown when it fails."""
    as_whom = {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}
    done = subprocess.run(
        [str(part) for part in command],
        **as_whom,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server keeps it open: no pipe, nobody waits
        stderr=subprocess.DEVNULL,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(command: list[str]) -> int:
    """Run the command on a server of its own; without PostgreSQL say so, plainly."""
    if programs() is None:
        print(
            "PostgreSQL is not installed (apt-get install postgresql): "
            "what keeps data was tested on SQLite only.",
            file=sys.stderr,
        )
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server is stopped then too
    with server() as address:
        print("The same tests on PostgreSQL:", " ".join(command), flush=True)
        return subprocess.run(command, env=os.environ | {"TRISERVICE_DATABASE": address}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
