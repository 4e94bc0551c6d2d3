"""A customer signs with viem, a wallet library that nobody of this project wrote."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.server_process import ServerProcess
from tests.end_to_end.conftest import keys_of
from wallet_chain.cli.client import ApiClient, Refused

ROOT = Path(__file__).resolve().parent.parent.parent
NODE = Path(sys.executable).parent / "node"
SCRIPT = Path(__file__).with_name("sign_with_viem.mjs")

pytestmark = pytest.mark.node


def viem_signs(private_key: str, typed_data: dict[str, Any]) -> str:
    asked = json.dumps({"privateKey": private_key, "typedData": typed_data})
    done = subprocess.run(
        [NODE, SCRIPT],
        input=asked,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=True,
    )
    signature: str = json.loads(done.stdout)["signature"]
    return signature


def changed(typed_data: dict[str, Any], field: str, to: Callable[[str], str]) -> dict[str, Any]:
    message = typed_data["message"]
    return typed_data | {"message": message | {field: to(message[field])}}


def other_digit(text: str) -> str:
    return text[:-1] + ("1" if text[-1] == "0" else "0")


CHANGES: dict[str, Callable[[str], str]] = {
    "payee": lambda _: "0x000000000000000000000000000000000000dEaD",
    "currency": lambda _: "USD",
    "amount": lambda amount: str(int(amount) + 1),
    "reference": other_digit,
    "details": other_digit,
    "nonce": lambda nonce: str(int(nonce) + 1),
    "deadline": lambda deadline: str(int(deadline) + 1),
}


def test_what_viem_signed_settles_and_with_any_field_changed_it_does_not(
    world: ServerProcess,
) -> None:
    keys = keys_of(world)
    clara = keys.customers["clara"]
    assert clara.private_key is not None
    world.start()
    client = ApiClient(world.url, clara.api_key)
    body = {"payee": "@kaffeehaus", "money": {"amount": "12.34", "currency": "EUR"}}
    waiting = client.post("/v1/payments", body)
    assert waiting["state"] == "awaiting_signature"
    typed_data, path = waiting["typed_data"], f"/v1/payments/{waiting['id']}/signature"
    assert typed_data["message"].keys() == {"payer", *CHANGES}

    for field, to in CHANGES.items():
        signature = viem_signs(clara.private_key, changed(typed_data, field, to))
        with pytest.raises(Refused) as refused:
            client.post(path, {"signature": signature})
        assert refused.value.code == "signature_invalid", field
        assert client.get(f"/v1/payments/{waiting['id']}")["state"] == "awaiting_signature"

    signature = viem_signs(clara.private_key, typed_data)
    settled = client.post(path, {"signature": signature}, wait_seconds=30)
    assert settled["state"] == "settled"
    assert settled["operation"]["transaction_hash"].startswith("0x")
