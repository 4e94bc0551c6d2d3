"""Real databases for tests: a fresh SQLite file, or a fresh database in a shared PostgreSQL."""

import atexit
import platform
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

DATABASES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


@cache
def _postgres_server() -> str:
    # The package has no build for some machines; elsewhere it starts a real server in a second.
    pgserver = pytest.importorskip(
        "pgserver", reason=f"pgserver ships no PostgreSQL for {platform.machine()}"
    )
    psutil = pytest.importorskip("psutil", reason="it comes with pgserver")
    folder = tempfile.mkdtemp(prefix="wallet-chain-pg-")
    server = pgserver.get_server(folder, cleanup_mode=None)
    address = str(server.get_uri())
    with psycopg.connect(address, autocommit=True) as connection:
        # No test cuts the power, and hundreds of databases are a lot to write to the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
        connection.execute("SELECT pg_reload_conf()")

    def stop() -> None:
        # At once: nothing in there is needed any more.
        process = psutil.Process(server.get_pid())
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return address


# Where the file of each database would be, if it were SQLite: the folder decides how long it lives.
_folders: dict[str, Path] = {}


def _create(server: str, folder: Path, template: str = "template1") -> str:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _folders[name] = folder
    return name


def drop_databases(folder: Path) -> None:
    """Drop what was created for ``folder`` or one inside it: thousands would fill the disk."""
    names = [name for name, its in _folders.items() if its.is_relative_to(folder)]
    if not names:
        return
    with psycopg.connect(_postgres_server(), autocommit=True) as connection:
        for name in names:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            del _folders[name]


def fresh_database(kind: str, folder: Path) -> str:
    """The URL of an empty database of this kind (``sqlite`` or ``postgresql``)."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'wallet-chain.sqlite3'}"
    server = _postgres_server()
    name = _create(server, folder)
    return server.replace("/postgres?", f"/{name}?").replace(
        "postgresql://", "postgresql+psycopg://"
    )


def copy_database(kind: str, url: str, folder: Path) -> str:
    """The URL of a copy of a database that nobody is connected to."""
    if kind == "sqlite":
        copy = folder / "wallet-chain.sqlite3"
        shutil.copyfile(url.removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"
    template = url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    name = _create(_postgres_server(), folder, template)
    return url.replace(f"/{template}?", f"/{name}?")
