"""Brings the demonstration's world about through the public API, as any client would.

Every write carries a fixed idempotency key, so that doing it all again, or going on after an
interruption, changes nothing that is there already.
"""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from wallet_chain.cli.client import ApiClient, Refused
from wallet_chain.cli.demo_asking import WAIT_SECONDS, Asking
from wallet_chain.cli.demo_keys import DemoCustomer, DemoKeys
from wallet_chain.cli.own_wallet import address_of_key, sign
from wallet_chain.cli.seeding_abroad import (
    add_beneficiaries,
    load_sample,
    open_corridors,
    refresh_rates,
)
from wallet_chain.cli.seeding_loyalty import collect_points, open_programme
from wallet_chain.cli.world import RESERVES, STAFF, WORLD, Deposit, Payment, Person
from wallet_chain.cli.world_loyalty import PROGRAMME
from wallet_chain.clock import Clock

KEY_VALID_SECONDS = 365 * 86_400


class Seeding:
    """The demonstration's first start against a running server."""

    def __init__(self, url: str, keys: DemoKeys, clock: Clock, say: Callable[[str], None]) -> None:
        self._url = url
        self._keys = keys
        self._clock = clock
        self._say = say
        self._asking = Asking(url, keys)

    def run(self) -> None:
        """Do whatever is not done yet. Raises Refused when the API refuses a step."""
        self._say("staff and their keys")
        for role, label in STAFF.items():
            self._staff(role, label)
        for person in WORLD.people:
            self._say(f"customer {person.name}")
            self._customer(person)
        for currency, amount in RESERVES.items():
            self._say(f"reserves in {currency}")
            self._attest(currency, amount)
        for deposit in WORLD.deposits:
            self._say(f"deposit of {deposit.amount} {deposit.currency} for {deposit.customer}")
            self._issue(deposit)
        self._say("mid rates, corridors and the providers' terms")
        refresh_rates(self._asking, self._clock)
        open_corridors(self._asking)
        self._say("a screening list of invented entries, and beneficiaries")
        load_sample(self._asking)
        add_beneficiaries(self._asking)
        for payment in WORLD.payments:
            self._say(f"{payment.payer} pays {payment.payee} {payment.amount} {payment.currency}")
            self._pay(payment)
        self._say(f"the loyalty programme {PROGRAMME.name}, its pool and purchases")
        collect_points(self._asking, open_programme(self._asking))
        for person in WORLD.people:
            if person.frozen:
                self._say(f"freezing {person.name}")
                self._freeze(person, person.frozen)
        self._keys.url = self._url
        self._keys.complete = True
        self._keys.save()

    def close(self) -> None:
        """Give the connections back."""
        self._asking.close()

    def _as(self, name: str) -> ApiClient:
        return self._asking.client(name)

    def _ask(self, name: str, step: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._asking.ask(name, step, path, body)

    def _staff(self, role: str, label: str) -> None:
        if role in self._keys.staff:
            return
        asked = {"role": role, "label": label}
        principal = self._ask("admin", f"staff/{role}", "/v1/staff", asked)
        self._keys.principals[role] = principal["id"]
        self._keys.staff[role] = self._api_key(role, principal["id"])
        self._keys.save()

    def _api_key(self, name: str, principal_id: str) -> str:
        """A key for a principal. Its secret is shown once, so a repeat has to make another one."""
        asked = {"principal_id": principal_id, "valid_seconds": KEY_VALID_SECONDS}
        for idempotency_key in (f"demo/key/{name}", f"demo/key/{name}/{secrets.token_hex(8)}"):
            made = self._as("admin").post(
                "/v1/api-keys", asked, idempotency_key=idempotency_key, wait_seconds=WAIT_SECONDS
            )
            if made.get("token"):
                return str(made["token"])
        raise Refused("no_token", "The server made an API key and did not show it.", 0, {})

    def _customer(self, person: Person) -> None:
        known = self._keys.customers.get(person.name)
        if known and known.api_key:
            return
        created = self._ask(
            "operator",
            f"customer/{person.name}",
            "/v1/customers",
            {
                "kind": person.kind,
                "country": person.country,
                "custody": person.custody,
                "merchant": person.merchant,
                "provider": person.provider,
            },
        )
        customer = known or DemoCustomer(id=created["id"])
        self._keys.customers[person.name] = customer
        if person.custody == "self" and not created.get("account"):
            self._register_own_key(customer)
        if person.tier is not None:
            self._kyc(person, customer, person.tier)
            path = f"/v1/customers/{customer.id}/aliases"
            self._ask("operator", f"alias/{person.name}", path, {"alias": person.alias})
        customer.account = self._as("operator").get(f"/v1/customers/{customer.id}")["account"]
        principal = self._ask(
            "admin",
            f"principal/{person.name}",
            "/v1/staff",
            {
                "role": "merchant" if person.merchant else "customer",
                "label": f"app of {person.name}",
                "customer_id": customer.id,
            },
        )
        self._keys.principals[person.name] = principal["id"]
        customer.api_key = self._api_key(person.name, principal["id"])
        self._keys.save()

    def _register_own_key(self, customer: DemoCustomer) -> None:
        """The customer shows that an address is theirs by signing a challenge with its key."""
        if customer.private_key is None:
            customer.private_key = "0x" + secrets.token_hex(32)
            self._keys.save()
        account = address_of_key(customer.private_key)
        path = f"/v1/customers/{customer.id}"
        # A challenge lapses, so each attempt asks for a new one.
        challenge = self._as("operator").post(f"{path}/account-challenges", {"account": account})
        signature = sign(customer.private_key, challenge["typed_data"])
        self._as("operator").post(
            f"{path}/account", {"challenge_id": challenge["id"], "signature": signature}
        )

    def _kyc(self, person: Person, customer: DemoCustomer, tier: int) -> None:
        documents = [
            {"kind": kind, "sha256": hashlib.sha256(f"{person.name}/{kind}".encode()).hexdigest()}
            for kind in person.documents
        ]
        review = self._as("operator").write(
            "PUT",
            f"/v1/customers/{customer.id}/kyc",
            {"requested_tier": tier, "personal": person.personal, "documents": documents},
            idempotency_key=f"demo/kyc/{person.name}",
        )
        path = f"/v1/reviews/{review['id']}/decision"
        self._ask("compliance", f"review/{person.name}", path, {"decision": "approve"})

    def _attest(self, currency: str, amount: str) -> None:
        report = hashlib.sha256(f"reserves of {currency}".encode()).hexdigest()
        self._ask(
            "auditor",
            f"reserves/{currency}",
            "/v1/reserves",
            {
                "money": {"amount": amount, "currency": currency},
                "as_of": self._clock() - 60,
                "document_sha256": report,
            },
        )

    def _issue(self, deposit: Deposit) -> None:
        step = deposit.bank_reference.replace(" ", "-")
        recorded = self._ask(
            "issuer-maker",
            f"deposit/{step}",
            "/v1/deposits",
            {
                "customer_id": self._keys.customers[deposit.customer].id,
                "money": {"amount": deposit.amount, "currency": deposit.currency},
                "bank_reference": deposit.bank_reference,
            },
        )
        path = f"/v1/deposits/{recorded['id']}"
        self._ask("issuer-maker", f"propose/{step}", f"{path}/propose")
        self._ask("issuer-checker", f"approve/{step}", f"{path}/approve")

    def _pay(self, payment: Payment) -> None:
        step = f"{payment.payer}-{payment.payee}-{payment.amount}-{payment.currency}"
        paid = self._ask(
            payment.payer,
            f"pay/{step}",
            "/v1/payments",
            {
                "payee": WORLD.names[payment.payee].alias,
                "money": {"amount": payment.amount, "currency": payment.currency},
                "details": payment.details,
            },
        )
        if payment.refunded:
            self._ask(
                payment.payee,
                f"refund/{step}",
                f"/v1/payments/{paid['id']}/refunds",
                {"money": {"amount": payment.refunded, "currency": payment.currency}},
            )

    def _freeze(self, person: Person, reason: str) -> None:
        path = f"/v1/customers/{self._keys.customers[person.name].id}/freeze"
        self._ask("compliance", f"freeze/{person.name}", path, {"reason_code": reason})
