"""The same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.node.conftest import Ledger, founded

from tongbao.readmodel import ReadModel, SqlQueries, Viewer

NODE = Viewer.node()
"""Reads everything."""
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _as_postgres() -> dict[str, object]:
    """PostgreSQL refuses to run as root: then run as the package's own user."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("root, and there is no user postgres to run the server as")
    return {"user": user.pw_uid, "group": user.pw_gid}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server of our own on a unix socket, stopped at the end."""
    if not BINARIES:
        pytest.skip("no PostgreSQL server is installed (make setup-postgres)")
    who = _as_postgres()
    folder = Path(tempfile.mkdtemp(prefix="tongbao-pg-"))
    if who:
        os.chown(folder, int(str(who["user"])), int(str(who["group"])))
    data, run = folder / "data", BINARIES[-1]
    common = {"check": True, "capture_output": True, "cwd": "/", **who}
    subprocess.run([run / "initdb", "-D", data, "-A", "trust", "-U", "tongbao"], **common)  # type: ignore[call-overload]
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(  # type: ignore[call-overload]
        [run / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"], **common
    )
    try:
        yield f"postgresql+psycopg://tongbao@/postgres?host={folder}"
    finally:
        subprocess.run([run / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **common)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'readmodel.db'}"
    from sqlalchemy import create_engine, text

    server: str = request.getfixturevalue("postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"t{abs(hash(str(tmp_path))) % 10**12}"
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """In memory, running."""
    one = founded(None)
    one.engine.start()
    yield one
    one.engine.stop()


@pytest.fixture
def opened(ledger: Ledger, url: str) -> Iterator[Callable[[], tuple[ReadModel, SqlQueries]]]:
    """Opens the database as often as asked; closed at the end."""
    models: list[ReadModel] = []

    def open_it() -> tuple[ReadModel, SqlQueries]:
        model = ReadModel(url, ledger.app.registry, ledger.app.genesis.digest())
        models.append(model)
        return model, SqlQueries(model)

    yield open_it
    for model in models:
        model.close()
