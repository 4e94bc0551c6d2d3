"""A demonstration that has been brought about once, and copies of it to start servers on."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.server_process import ServerProcess
from wallet_chain.cli.demo_keys import DemoKeys

Start = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `data` holds the demonstration; nothing runs on it."""
    folder = tmp_path_factory.mktemp("seeded")
    server = ServerProcess(folder)
    try:
        server.start("--demo")
        server.wait_for_line("Ctrl-C stops it")
        server.stop()
    finally:
        server.kill(whole_group=True)
    return folder


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server on its own copy of the demonstration, not started; killed after the test."""
    shutil.copytree(seeded / "data", tmp_path / "data")
    server = ServerProcess(tmp_path)
    yield server
    server.kill(whole_group=True)


def keys_of(server: ServerProcess) -> DemoKeys:
    """The demonstration's keys."""
    return DemoKeys.load(server.data_dir)
