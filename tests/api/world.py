"""A small bank behind a real HTTP server: everybody who may call, and one of each resource.

All of it was brought about through the public API.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import uvicorn
from eth_account import Account

from api.main import create_app
from api.serving import http_server
from tests.api.bodies import ABROAD, LISTED, PAIR, RECIPIENT
from tests.api.client import Api, ok
from wallet_chain.bank import Bank
from wallet_chain.clock import pause

STAFF_ROLES = ("operator", "compliance", "issuer-maker", "issuer-checker", "auditor")
WAIT = 30
DOCUMENT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@dataclass
class Holder:
    """A customer and what is theirs."""

    customer_id: str
    principal_id: str
    api: Api
    account: str
    payment_id: str = ""
    """Paid by them, settled."""
    received_id: str = ""
    """Paid to them, settled."""
    refund_id: str = ""
    withdrawal_id: str = ""
    deposit_id: str = ""
    transfer_id: str = ""
    """Sent abroad by them, settled."""
    quote_id: str = ""
    """Used by it."""
    open_quote_id: str = ""
    screening_id: str = ""
    """What was found about them when they sent it."""
    record_id: str = ""
    """The travel-rule record of it."""
    beneficiary_id: str = ""
    endpoint_id: str = ""
    """Where their events would be sent, if anybody delivered them."""
    event_id: str = ""
    """Of a ping."""
    offer_id: str = ""
    """Ended."""
    purchase_id: str = ""
    """Bought by them, settled."""
    sold_id: str = ""
    """Sold by them, settled."""
    programme_order_id: str = ""
    points_transfer_id: str = ""
    request_id: str = ""
    """They ask somebody to pay it."""
    payable_id: str = ""
    """They are asked to pay it."""
    code: str = ""
    """Of what they are asked to pay."""
    paid_request_id: str = ""
    """They have paid it."""
    group_id: str = ""
    """What they share with somebody."""
    bill_id: str = ""
    """They are to pay it."""
    plan_id: str = ""
    """They have paid it off."""
    mandate_id: str = ""
    """Granted by or to them, ended."""
    charge_id: str = ""
    """By it, settled."""
    gift_id: str = ""
    """Given by them, open."""
    claim_id: str = ""
    """By them, or of their gift; settled."""


@dataclass
class World:
    """A running server with people in it."""

    url: str
    bank: Bank
    staff: dict[str, Api]
    principals: dict[str, str] = field(default_factory=dict)
    ada: Holder = field(init=False)
    """A customer who keeps her own key."""
    bob: Holder = field(init=False)
    """A customer whose key the bank keeps."""
    carol: Holder = field(init=False)
    """Another; she and Bob deal with each other only."""
    provider: Holder = field(init=False)
    """A provider of foreign exchange."""
    shop: Holder = field(init=False)
    """A merchant whose key the bank keeps."""
    kiosk: Holder = field(init=False)
    """Another merchant."""
    ada_wallet: Any = None
    narrow: dict[str, Api] = field(default_factory=dict)
    """Role -> a caller whose key may do nothing."""
    _words: int = 0

    def at(self, url: str, bank: Bank) -> "World":
        """The same people, on a copy of the bank that is served elsewhere."""
        there = copy(self)
        there.url, there.bank, there.principals = url, bank, dict(self.principals)
        for name in ("staff", "narrow"):
            callers = {role: Api(url, api.token) for role, api in getattr(self, name).items()}
            setattr(there, name, callers)
        for name, value in vars(self).items():
            if isinstance(value, Holder):
                setattr(there, name, replace(value, api=Api(url, value.api.token)))
        return there

    def unique(self) -> str:
        """A word that was not used before."""
        self._words += 1
        return f"n{self._words}"

    def anybody(self, token: str | None = None) -> Api:
        """A caller with this token, or with none."""
        return Api(self.url, token)

    def settled(self, operation: dict[str, Any] | None) -> None:
        """Fail unless this operation has ended well."""
        assert operation is not None
        assert operation["state"] == "settled", operation

    # --- staff -------------------------------------------------------------------------------

    def hire(self, role: str, **more: str) -> tuple[str, Api]:
        """A new principal of a role, with a key."""
        admin = self.staff["admin"]
        body = {"role": role, "label": f"{role} desk", **more}
        principal = ok(admin.post("/v1/staff", body, wait=WAIT))
        for grant in principal["grants"]:
            self.settled(grant)
        key = ok(admin.post("/v1/api-keys", {"principal_id": principal["id"]}))
        return principal["id"], self.anybody(key["token"])

    # --- customers ---------------------------------------------------------------------------

    def onboard(
        self, name: str, *, role: str = "customer", tier: int = 2, wallet: Any = None
    ) -> Holder:
        """A customer with approved KYC, an alias and an API key."""
        operator = self.staff["operator"]
        merchant, provider = role == "merchant", role == "provider"
        custody = "self" if wallet else "bank"
        customer_id = self.new_customer(merchant=merchant, custody=custody, provider=provider)
        if wallet is not None:
            self.register(customer_id, wallet)
        self.approve(customer_id, name, tier, business=merchant or provider)
        ok(operator.post(f"/v1/customers/{customer_id}/aliases", {"alias": f"@{name}"}))
        api_role = "customer" if provider else role
        principal_id, api = self.hire(api_role, customer_id=customer_id)
        account = ok(operator.get(f"/v1/customers/{customer_id}"))["account"]
        return Holder(customer_id, principal_id, api, account)

    def new_customer(
        self, *, merchant: bool = False, custody: str = "bank", provider: bool = False
    ) -> str:
        """A customer about whom nothing is known yet."""
        kind = "business" if merchant or provider else "person"
        body = {"kind": kind, "country": "DE", "custody": custody, "merchant": merchant}
        body["provider"] = provider
        return str(ok(self.staff["operator"].post("/v1/customers", body))["id"])

    def register(self, customer_id: str, wallet: Any) -> None:
        """Show that a wallet's address is the customer's."""
        operator, path = self.staff["operator"], f"/v1/customers/{customer_id}"
        challenge = ok(operator.post(f"{path}/account-challenges", {"account": wallet.address}))
        body = {"challenge_id": challenge["id"], "signature": sign(wallet, challenge)}
        ok(operator.post(f"{path}/account", body))

    def submit(self, customer_id: str, name: str, tier: int, *, business: bool = False) -> str:
        """Hand in what the tier asks for; gives the review's id."""
        personal = {"name": name.title(), "phone": "+49 30 1234567"}
        personal |= {"street": "Lindenweg 4", "city": "Berlin"}
        if business:
            personal["registration_number"] = "HRB 1017"
            personal["merchant_category"] = "5814"
        else:
            personal["birth_date"] = "1990-04-12"
        body = {"requested_tier": tier, "personal": personal, "documents": []}
        path = f"/v1/customers/{customer_id}/kyc"
        return str(ok(self.staff["operator"].write("PUT", path, body))["id"])

    def approve(
        self, customer_id: str, name: str, tier: int, *, business: bool = False, **more: Any
    ) -> str:
        """Submit and approve KYC; gives the review's id."""
        review_id = self.submit(customer_id, name, tier, business=business)
        path = f"/v1/reviews/{review_id}/decision"
        body = {"decision": "approve", **more}
        decided = ok(self.staff["compliance"].post(path, body, wait=WAIT))
        self.settled(decided["operation"])
        return review_id

    def schedule(self) -> dict[str, Any]:
        """The provider's terms."""
        return {
            "provider_customer_id": self.provider.customer_id,
            "source_currency": "EUR",
            "target_currency": "CNY",
            "spread_bps": 50,
            "fee_bps": 30,
            "fee_minimum": "0.10",
            "smallest": "1.00",
            "largest": "10000.00",
        }

    # --- money -------------------------------------------------------------------------------

    def attest(self, amount: str, currency: str) -> None:
        """Let the auditor attest reserves as of now."""
        body = {
            "money": {"amount": amount, "currency": currency},
            "as_of": self.bank.clock(),
            "document_sha256": DOCUMENT,
        }
        self.settled(ok(self.staff["auditor"].post("/v1/reserves", body, wait=WAIT)))

    def issue(self, holder: Holder, amount: str, reference: str, currency: str = "EUR") -> str:
        """Deposit, propose, approve; gives the deposit's id."""
        body = {
            "customer_id": holder.customer_id,
            "money": {"amount": amount, "currency": currency},
            "bank_reference": reference,
        }
        deposit = ok(self.staff["operator"].post("/v1/deposits", body))
        path = f"/v1/deposits/{deposit['id']}"
        ok(self.staff["issuer-maker"].post(f"{path}/propose", wait=WAIT))
        minted = ok(self.staff["issuer-checker"].post(f"{path}/approve", wait=WAIT))
        assert minted["state"] == "minted", minted
        return str(deposit["id"])

    def pay(self, payer: Holder, payee: str, amount: str, **more: Any) -> dict[str, Any]:
        """A payment that settles, signed here where the payer keeps the key."""
        body = {"payee": payee, "money": euros(amount), **more}
        payment = ok(payer.api.post("/v1/payments", body, wait=WAIT))
        if payment["state"] == "awaiting_signature":
            payment = self.sign(payer, f"/v1/payments/{payment['id']}", payment)
        assert payment["state"] == "settled", payment
        return dict(payment)

    def sign(self, holder: Holder, path: str, resource: dict[str, Any]) -> Any:
        """Hand in the signature of Ada's wallet."""
        body = {"signature": sign(self.ada_wallet, resource)}
        return ok(holder.api.post(f"{path}/signature", body, wait=WAIT))


def sign(wallet: Any, resource: dict[str, Any]) -> str:
    """The wallet's EIP-712 signature over a resource's typed data."""
    signed = wallet.sign_typed_data(full_message=resource["typed_data"])
    return "0x" + signed.signature.hex().removeprefix("0x")


@contextmanager
def served(bank: Bank) -> Iterator[str]:
    """The URL of a server in front of the bank, on a free port of the loopback interface."""
    server = http_server(create_app(bank), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        pause(0.01)
    try:
        yield address_of(server)
    finally:
        server.should_exit = True
        thread.join()


def address_of(server: uvicorn.Server) -> str:
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://{host}:{port}"


def populated(url: str, bank: Bank) -> World:
    """Bring the whole world about."""
    assert bank.first_admin_token is not None
    world = World(url, bank, {"admin": Api(url, bank.first_admin_token)})
    for role in STAFF_ROLES:
        world.principals[role], world.staff[role] = world.hire(role)
    first_key = ok(world.staff["admin"].get("/v1/api-keys", limit=200))["items"][-1]
    world.principals["admin"] = first_key["principal_id"]
    world.ada_wallet = Account.from_key("0x" + "ad" * 32)
    world.ada = world.onboard("ada", wallet=world.ada_wallet)
    world.bob = world.onboard("bob")
    world.carol = world.onboard("carol")
    world.shop = world.onboard("shop", role="merchant")
    world.attest("1000000.00", "EUR")
    for holder in (world.ada, world.bob, world.carol, world.shop):
        holder.deposit_id = world.issue(holder, "500.00", f"statement {holder.customer_id}")
    _trade(world)
    _exchange(world)
    _listen(world)
    return world


def _trade(world: World) -> None:
    """Two pairs pay each other, refund and withdraw."""
    for one, other in ((world.ada, world.shop), (world.bob, world.carol)):
        for payer, payee in ((one, other), (other, one)):
            payment = world.pay(payer, payee.account, "25.00", details="for testing")
            payer.payment_id = payee.received_id = payment["id"]
        for holder in (one, other):
            holder.refund_id = _refund(world, holder, holder.received_id)
            holder.withdrawal_id = _withdraw(world, holder)
            path = f"/v1/withdrawals/{holder.withdrawal_id}/payout"
            body = {"payout_reference": f"SEPA {holder.customer_id}"}
            paid = ok(world.staff["operator"].post(path, body, wait=WAIT))
            assert paid["payout_state"] == "paid", paid


def _exchange(world: World) -> None:
    """Everybody sends something abroad, and has a quote left over."""
    admin = world.staff["admin"]
    world.provider = world.onboard("provider", role="provider")
    world.attest("1000000.00", "CNY")
    world.issue(world.provider, "100000.00", "statement of the provider", "CNY")
    day = datetime.fromtimestamp(world.bank.clock() - 86_400, tz=UTC).strftime("%d %B %Y")
    file = {"format": "ecb-csv", "document": f"Date, CNY, \n{day}, 7.8, \n"}
    for price in ok(admin.post("/v1/fx-rates/files", file, wait=WAIT))["operations"]:
        world.settled(price)
    world.settled(ok(admin.write("PUT", "/v1/corridors/EUR/CNY", PAIR, wait=WAIT)))
    ok(admin.post("/v1/fee-schedules", world.schedule()))
    ok(world.staff["compliance"].post("/v1/screening-lists", LISTED))
    for sender, to in (
        (world.ada, world.carol),
        (world.shop, world.carol),
        (world.bob, world.carol),
    ):
        sender.quote_id = ok(sender.api.post("/v1/quotes", ABROAD))["id"]
        body = {"quote_id": sender.quote_id, "recipient": to.account, "purpose": "GDDS"}
        body["travel_rule"] = {"beneficiary": RECIPIENT}
        transfer = ok(sender.api.post("/v1/cross-border-transfers", body, wait=WAIT))
        path = f"/v1/cross-border-transfers/{transfer['id']}"
        if transfer["state"] == "awaiting_signature":
            transfer = world.sign(sender, path, transfer)
        assert transfer["state"] == "settled", transfer
        sender.transfer_id = transfer["id"]
        sender.record_id = transfer["travel_rule_id"]
        seen = ok(world.staff["compliance"].get(path))
        sender.screening_id = seen["screenings"][0]["id"]
        body = {"name": "Carol", "payee": to.account}
        sender.beneficiary_id = ok(sender.api.post("/v1/beneficiaries", body))["id"]
        sender.open_quote_id = ok(sender.api.post("/v1/quotes", ABROAD))["id"]


def _listen(world: World) -> None:
    """Everybody has an endpoint and an event; nothing arrives, the bank's deliveries do not run."""
    for holder in (world.ada, world.shop, world.bob):
        body = {"url": "https://shop.invalid/webhooks", "kinds": ["ping"]}
        holder.endpoint_id = ok(holder.api.post("/v1/webhook-endpoints", body))["id"]
        path = f"/v1/webhook-endpoints/{holder.endpoint_id}/ping"
        holder.event_id = ok(holder.api.post(path))["id"]
    everything = {"url": "https://bank.invalid/webhooks"}
    ok(world.staff["admin"].post("/v1/webhook-endpoints", everything))


def _refund(world: World, holder: Holder, payment_id: str) -> str:
    body = {"money": euros("1.00")}
    refund = ok(holder.api.post(f"/v1/payments/{payment_id}/refunds", body, wait=WAIT))
    if refund["state"] == "awaiting_signature":
        refund = world.sign(holder, f"/v1/refunds/{refund['id']}", refund)
    assert refund["state"] == "settled", refund
    return str(refund["id"])


def _withdraw(world: World, holder: Holder) -> str:
    body = {"money": euros("5.00"), "payout_to": "DE89370400440532013000"}
    withdrawal = ok(holder.api.post("/v1/withdrawals", body, wait=WAIT))
    if withdrawal["state"] == "awaiting_signature":
        withdrawal = world.sign(holder, f"/v1/withdrawals/{withdrawal['id']}", withdrawal)
    assert withdrawal["state"] == "settled", withdrawal
    return str(withdrawal["id"])
