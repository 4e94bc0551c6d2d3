"""EMVCo libraries of others read our payloads, and we theirs."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.merchants.test_emvco import EMVCOS_OWN, FIELDS
from wallet_chain.merchants.emvco import checksum, read, write

NODE = Path(sys.executable).parent / "node"
SCRIPT = Path(__file__).with_name("foreign_qr.mjs")
ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.node


def foreign(payloads: list[str], fields: list[dict[str, Any]]) -> dict[str, Any]:
    """What the two libraries read and write."""
    done = subprocess.run(
        [NODE, SCRIPT],
        input=json.dumps({"read": payloads, "write": fields}),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=True,
    )
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


def many(count: int) -> list[dict[str, Any]]:
    """Fields of payloads that differ in everything; some have a checksum that begins with a zero."""
    numbers = random.Random(4)
    made: list[dict[str, Any]] = []
    for n in range(count):
        made.append(
            {
                **FIELDS,
                "01": numbers.choice(["11", "12"]),
                "26": {"00": f"{numbers.getrandbits(128):032x}", "01": f"{n:026d}"},
                "52": numbers.choice(["5814", "5411", "4111", "0742"]),
                "54": f"{numbers.randrange(1, 10**6)}.{numbers.randrange(100):02d}",
                "59": "Name "[: numbers.randrange(1, 6)] + "x" * numbers.randrange(1, 20),
                "60": "y" * numbers.randrange(1, 16),
                "62": {"05": "Label " + str(n)},
            }
        )
    return made


def test_two_libraries_of_others_read_what_we_write_and_we_read_what_one_of_them_writes() -> None:
    fields = many(150)
    ours = [write(one) for one in fields]
    assert any(payload[-4] == "0" for payload in ours)
    found = foreign(ours, fields)
    assert found["written"] == ours
    # One library reads and writes again, checksum and all.
    assert found["steplix"] == ours
    for payload, said, seen in zip(ours, fields, found["emvqr"], strict=True):
        assert seen["26"] == said["26"]
        assert (seen["54"], seen["59"], seen["60"]) == (said["54"], said["59"], said["60"])
        assert (seen["52"][:4], seen["53"][:3]) == (said["52"], said["53"])
        assert (seen["62"], seen["63"]) == (said["62"], payload[-4:])
        assert read(payload).fields["54"] == said["54"]


def test_emvcos_own_example_is_read_alike() -> None:
    theirs = foreign([EMVCOS_OWN], [])["emvqr"][0]
    ours = read(EMVCOS_OWN)
    assert theirs["59"] == ours.fields["59"]
    assert theirs["64"] == ours.fields["64"]
    assert theirs["63"] == checksum(EMVCOS_OWN[:-4])
