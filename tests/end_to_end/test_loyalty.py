"""`wallet-chain demo loyalty`, as anybody would type it."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts.server_process import COMMAND

pytestmark = pytest.mark.slow

_SECONDS_MAX = 400
_COMPARED = 10
"""Steps after which the books are compared with the chain."""


def test_the_story_of_points_is_played_to_its_end(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "WALLET_CHAIN" not in name}
    played = subprocess.run(
        [COMMAND, "demo", "loyalty"],
        env=environment | {"TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_SECONDS_MAX,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-2000:] + played.stderr
    assert played.stdout.count("agrees: True") == _COMPARED
    for code in ("qr_altered", "invoice_already_paid", "bill_exists", "points_insufficient"):
        assert f"code: {code}" in played.stdout
    assert f"{_COMPARED} times the books agreed with the chain" in played.stderr
    # Its server is gone, and so is what it kept.
    assert list(tmp_path.iterdir()) == []
