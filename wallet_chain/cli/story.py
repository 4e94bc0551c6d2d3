"""The demonstration's story, told against a running server through the public API only."""

import secrets
from typing import Any

from wallet_chain.cli.own_wallet import sign
from wallet_chain.cli.telling import Telling
from wallet_chain.cli.world import WORLD


class Story(Telling):
    """Each part asks, tells what happened, and hands on what the next part needs."""

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
        self.read("anna", "Anna looks at what she holds", self.of("anna", "balances"))
        body = _payment("kaffeehaus", "4.80", "EUR") | {"details": "Cappuccino"}
        key = self.fresh_key()
        paid = self.write(
            "anna",
            "She pays for a cappuccino; the bank signs with her key",
            "/v1/payments",
            body,
            key,
        )
        self.write(
            "anna",
            "Her phone sends the same request again: the same payment, not a second one",
            "/v1/payments",
            body,
            key,
        )
        return paid

    def _refusals(self) -> None:
        self.write(
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
                    "payee": self.keys.customers["jonas"].id,
                    "money": {"amount": "5.00", "currency": "EUR"},
                },
            ),
            "Yen have no decimals": ("yuki", _payment("anna", "10.50", "JPY")),
            "Viktor is frozen": ("viktor", _payment("kaffeehaus", "1.00", "EUR")),
        }
        for title, (payer, body) in refused.items():
            self.write(payer, title, "/v1/payments", body, refused=True)

    def _refund(self, payment: Any) -> None:
        path = f"/v1/payments/{payment['id']}/refunds"
        part = {"money": {"amount": "1.80", "currency": "EUR"}}
        self.write("kaffeehaus", "The merchant gives back 1.80 EUR", path, part)
        more = {"money": {"amount": "4.80", "currency": "EUR"}}
        self.write("kaffeehaus", "More than was paid can't go back", path, more, refused=True)

    def _own_key(self) -> None:
        clara = self.keys.customers["clara"]
        assert clara.private_key is not None
        waiting = self.write(
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
            self.write("clara", title, path, body, refused=refused)

    def _new_customer(self) -> None:
        customer = self.write(
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
        review = self.write(
            "operator",
            "and submits what was checked; it is stored under the customer's own key",
            f"/v1/customers/{customer['id']}/kyc",
            kyc,
            method="PUT",
        )
        path = f"/v1/reviews/{review['id']}/decision"
        approve = {"decision": "approve"}
        self.write("operator", "Who submitted can't approve", path, approve, refused=True)
        self.write("compliance", "Compliance approves; now the account is on chain", path, approve)
        self._deposit(customer["id"])

    def _deposit(self, customer_id: str) -> None:
        deposit = self.write(
            "issuer-maker",
            "250.00 EUR arrived for them; one person records and proposes",
            "/v1/deposits",
            {
                "customer_id": customer_id,
                "money": {"amount": "250.00", "currency": "EUR"},
                "bank_reference": f"SEPA demo {self.run}",
            },
        )
        path = f"/v1/deposits/{deposit['id']}"
        self.write("issuer-maker", "Proposed on chain", f"{path}/propose", None)
        self.write(
            "issuer-maker", "The same person can't approve", f"{path}/approve", None, refused=True
        )
        self.write("issuer-checker", "Another person can", f"{path}/approve", None)

    def _withdraw(self) -> None:
        withdrawal = self.write(
            "anna",
            "Anna takes 20.00 EUR out: the tokens are burned by her signed order",
            "/v1/withdrawals",
            {
                "money": {"amount": "20.00", "currency": "EUR"},
                "payout_to": "DE89 3704 0044 0532 0130 00",
            },
        )
        self.write(
            "operator",
            "The bank pays out and names its reference, which can be used once",
            f"/v1/withdrawals/{withdrawal['id']}/payout",
            {"payout_reference": f"SEPA out {self.run}"},
        )

    def _audit(self, payment: Any) -> None:
        order_id = payment["order_id"]
        found = self.read(
            "auditor",
            "The auditor finds the cappuccino by its order, with block and transaction",
            f"/v1/audit/events?order_id={order_id}",
        )
        block = found["items"][0]["block_number"]
        account = self.keys.customers["anna"].account
        balance = f"/v1/audit/balances?account={account}&currency=EUR&block="
        self.read("auditor", "Anna's balance just before it", f"{balance}{block - 1}")
        self.read("auditor", "and just after it", f"{balance}{block}")
        self.read("auditor", "Every supply is covered by reserves", "/v1/audit/supply")
        self.read(
            "auditor", "Looking leaves a trace, the auditor's too", "/v1/audit/accesses?limit=3"
        )


def _payment(payee: str, amount: str, currency: str) -> dict[str, Any]:
    return {
        "payee": WORLD.names[payee].alias,
        "money": {"amount": amount, "currency": currency},
    }
