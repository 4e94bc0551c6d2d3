"""The demonstration's story, told against a running server through the public API only."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from wallet_chain.cli.client import ApiClient, Refused
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.own_wallet import sign
from wallet_chain.cli.world import WORLD

WAIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What was asked and what came back; a refusal that the story means to show is no failure."""

    title: str
    asked: str
    status: int
    body: Any
    replayed: bool
    as_expected: bool


class Story:
    """Each part asks, tells what happened, and hands on what the next part needs."""

    def __init__(self, url: str, keys: DemoKeys, tell: Callable[[Step], None]) -> None:
        self._url = url
        self._keys = keys
        self._tell = tell
        self._run = secrets.token_hex(6)
        self._asked = 0

    def play(self) -> None:
        """All parts in order. Raises Refused when an answer is not the one the story is about."""
        payment = self._pay_and_repeat()
        self._refusals()
        self._refund(payment)
        self._own_key()
        self._new_customer()
        self._withdraw()
        self._audit(payment)

    def _pay_and_repeat(self) -> Any:
        self._read("anna", "Anna looks at what she holds", self._of("anna", "balances"))
        body = _payment("kaffeehaus", "4.80", "EUR") | {"details": "Cappuccino"}
        key = self._fresh_key()
        paid = self._write(
            "anna",
            "She pays for a cappuccino; the bank signs with her key",
            "/v1/payments",
            body,
            key,
        )
        self._write(
            "anna",
            "Her phone sends the same request again: the same payment, not a second one",
            "/v1/payments",
            body,
            key,
        )
        return paid

    def _refusals(self) -> None:
        self._write(
            "anna",
            "What would happen if she sent 1500.00 EUR? Nothing is written by asking",
            "/v1/payments?dry_run=true",
            _payment("kaffeehaus", "1500.00", "EUR"),
        )
        refused = {
            "Sending it all the same": ("anna", _payment("kaffeehaus", "1500.00", "EUR")),
            "Paying Jonas, who has no KYC": (
                "anna",
                {
                    "payee": self._keys.customers["jonas"].id,
                    "money": {"amount": "5.00", "currency": "EUR"},
                },
            ),
            "Yen have no decimals": ("yuki", _payment("anna", "10.50", "JPY")),
            "Viktor is frozen": ("viktor", _payment("kaffeehaus", "1.00", "EUR")),
        }
        for title, (payer, body) in refused.items():
            self._write(payer, title, "/v1/payments", body, refused=True)

    def _refund(self, payment: Any) -> None:
        path = f"/v1/payments/{payment['id']}/refunds"
        part = {"money": {"amount": "1.80", "currency": "EUR"}}
        self._write("kaffeehaus", "The merchant gives back 1.80 EUR", path, part)
        more = {"money": {"amount": "4.80", "currency": "EUR"}}
        self._write("kaffeehaus", "More than was paid can't go back", path, more, refused=True)

    def _own_key(self) -> None:
        clara = self._keys.customers["clara"]
        assert clara.private_key is not None
        waiting = self._write(
            "clara",
            "Clara keeps her own key: the API hands out what she has to sign",
            "/v1/payments",
            _payment("kaffeehaus", "9.90", "EUR"),
        )
        typed = waiting["typed_data"]
        other = typed | {"message": typed["message"] | {"amount": "99000"}}
        path = f"/v1/payments/{waiting['id']}/signature"
        for title, data, refused in (
            ("A signature over another amount is refused", other, True),
            ("Her signature over what she was shown settles", typed, False),
        ):
            body = {"signature": sign(clara.private_key, data)}
            self._write("clara", title, path, body, refused=refused)

    def _new_customer(self) -> None:
        customer = self._write(
            "operator",
            "The front office takes on a new customer",
            "/v1/customers",
            {"kind": "person", "country": "DE", "custody": "bank", "merchant": False},
        )
        kyc = {
            "requested_tier": 2,
            "personal": WORLD.names["anna"].personal | {"name": "Mira Sommer"},
            "documents": [{"kind": "identity_card", "sha256": secrets.token_hex(32)}],
        }
        review = self._write(
            "operator",
            "and submits what was checked; it is stored under the customer's own key",
            f"/v1/customers/{customer['id']}/kyc",
            kyc,
            method="PUT",
        )
        path = f"/v1/reviews/{review['id']}/decision"
        approve = {"decision": "approve"}
        self._write("operator", "Who submitted can't approve", path, approve, refused=True)
        self._write("compliance", "Compliance approves; now the account is on chain", path, approve)
        self._deposit(customer["id"])

    def _deposit(self, customer_id: str) -> None:
        deposit = self._write(
            "issuer-maker",
            "250.00 EUR arrived for them; one person records and proposes",
            "/v1/deposits",
            {
                "customer_id": customer_id,
                "money": {"amount": "250.00", "currency": "EUR"},
                "bank_reference": f"SEPA demo {self._run}",
            },
        )
        path = f"/v1/deposits/{deposit['id']}"
        self._write("issuer-maker", "Proposed on chain", f"{path}/propose", None)
        self._write(
            "issuer-maker", "The same person can't approve", f"{path}/approve", None, refused=True
        )
        self._write("issuer-checker", "Another person can", f"{path}/approve", None)

    def _withdraw(self) -> None:
        withdrawal = self._write(
            "anna",
            "Anna takes 20.00 EUR out: the tokens are burned by her signed order",
            "/v1/withdrawals",
            {
                "money": {"amount": "20.00", "currency": "EUR"},
                "payout_to": "DE89 3704 0044 0532 0130 00",
            },
        )
        self._write(
            "operator",
            "The bank pays out and names its reference, which can be used once",
            f"/v1/withdrawals/{withdrawal['id']}/payout",
            {"payout_reference": f"SEPA out {self._run}"},
        )

    def _audit(self, payment: Any) -> None:
        order_id = payment["order_id"]
        found = self._read(
            "auditor",
            "The auditor finds the cappuccino by its order, with block and transaction",
            f"/v1/audit/events?order_id={order_id}",
        )
        block = found["items"][0]["block_number"]
        account = self._keys.customers["anna"].account
        balance = f"/v1/audit/balances?account={account}&currency=EUR&block="
        self._read("auditor", "Anna's balance just before it", f"{balance}{block - 1}")
        self._read("auditor", "and just after it", f"{balance}{block}")
        self._read("auditor", "Every supply is covered by reserves", "/v1/audit/supply")
        self._read(
            "auditor", "Looking leaves a trace, the auditor's too", "/v1/audit/accesses?limit=3"
        )

    def _of(self, name: str, what: str) -> str:
        return f"/v1/customers/{self._keys.customers[name].id}/{what}"

    def _fresh_key(self) -> str:
        self._asked += 1
        return f"story/{self._run}/{self._asked}"

    def _read(self, name: str, title: str, path: str) -> Any:
        return self._exchange(name, title, "GET", path, {}, refused=False)

    def _write(
        self,
        name: str,
        title: str,
        path: str,
        body: Mapping[str, Any] | None,
        idempotency_key: str | None = None,
        *,
        method: str = "POST",
        refused: bool = False,
    ) -> Any:
        headers = {"Idempotency-Key": idempotency_key or self._fresh_key()}
        if "dry_run" not in path:
            headers["Prefer"] = f"wait={WAIT_SECONDS}"
        request: dict[str, Any] = {"headers": headers}
        if body is not None:
            request["json"] = body
        return self._exchange(name, title, method, path, request, refused=refused)

    def _exchange(
        self,
        name: str,
        title: str,
        method: str,
        path: str,
        request: dict[str, Any],
        *,
        refused: bool,
    ) -> Any:
        client = ApiClient(self._url, self._keys.api_key_of(name))
        try:
            response = client.exchange(method, path, **request)
        finally:
            client.close()
        body = response.json()
        as_expected = _ended_well(response, body) is not refused
        replayed = response.headers.get("Idempotency-Replayed") == "true"
        self._tell(
            Step(title, f"{method} {path}", response.status_code, body, replayed, as_expected)
        )
        if not as_expected:
            detail = body.get("detail") or "the answer is not what this step is about"
            raise Refused(body.get("code", "story"), detail, response.status_code, {})
        return body


def _payment(payee: str, amount: str, currency: str) -> dict[str, Any]:
    return {
        "payee": WORLD.names[payee].alias,
        "money": {"amount": amount, "currency": currency},
    }


def _ended_well(response: httpx.Response, body: Any) -> bool:
    """Whether the request was accepted and, where it went to the chain, settled there."""
    operation = body.get("operation") if isinstance(body, Mapping) else None
    return not response.is_error and (operation is None or operation["state"] == "settled")
