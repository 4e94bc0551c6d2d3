"""Money and points in one movement, told against a server of its own, by the public API only.

A merchant's programme with its pool and an offer, a purchase and half of it back, a code that is
scanned, a bill, instalments, a mandate, a red packet; and, months later, points that have expired.
After each step an auditor compares what is owed in points with the chain's own totals.
"""

from binascii import crc_hqx
from collections.abc import Callable, Mapping
from typing import Any

from wallet_chain.cli.client import Refused
from wallet_chain.cli.demo_asking import Asking
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.telling import Step, Telling
from wallet_chain.clock import DAY_SECONDS, monotonic_seconds, pause, system_clock

DAYS_UNTIL_EXPIRED = 70
"""Points are good for this month and the next: after so many days both are over."""

SETTLED_SECONDS_MAX = 60
_LOOK_SECONDS = 0.3


class StoryLoyalty(Telling):
    """Each part asks, tells what happened, and leaves the books in agreement with the chain.

    ``compared`` counts how often that was looked at.
    """

    def __init__(
        self,
        url: str,
        keys: DemoKeys,
        tell: Callable[[Step], None],
        wake_up_later: Callable[[int], object],
    ) -> None:
        """``wake_up_later`` starts the server again, so many days ahead."""
        super().__init__(url, keys, tell)
        self._wake_up_later = wake_up_later
        self.compared = 0
        self._programme = ""
        self._number = 0

    def play(self) -> None:
        """All parts in order. Raises Refused when an answer is not the one the story is about."""
        self.fund_the_shop()
        self.open_programme()
        offer = self.publish_offer()
        self.earn_first_points()
        purchase = self.buy(offer)
        self.refund_half(purchase)
        self.scan()
        self.bill()
        self.instalments()
        self.mandate()
        self.red_packet()
        self.expire()

    def fund_the_shop(self) -> None:
        """The merchant pays in the money that its points will be covered with."""
        paid_in = self._quietly(
            "issuer-maker",
            "/v1/deposits",
            {
                "customer_id": self.keys.customers["kaffeehaus"].id,
                "money": _euros("400.00"),
                "bank_reference": f"SEPA {self.run}",
            },
        )
        for role, step in (("issuer-maker", "propose"), ("issuer-checker", "approve")):
            self._quietly(role, f"/v1/deposits/{paid_in['id']}/{step}", None)

    def open_programme(self) -> None:
        """A programme, its pool, and how points are earned."""
        programme = self.write(
            "operator",
            "The bank opens a programme of the coffee house: a point is worth a cent, until next month ends",
            "/v1/programmes",
            {
                "name": "Advent",
                "kind": "merchant",
                "owner_customer_id": self.keys.customers["kaffeehaus"].id,
                "worth": _euros("0.01"),
                "points": 1,
                "months": 1,
                "transferable": True,
            },
            state="open",
        )
        self._programme, self._number = programme["id"], programme["programme"]
        self.write(
            "kaffeehaus",
            "The merchant fills its pool: points exist only as far as money covers them",
            self._of_programme("deposits"),
            {"money": _euros("20.00")},
        )
        self.write(
            "kaffeehaus",
            "and gives a point for each euro that is paid in money",
            self._of_programme("earning"),
            {"points": 1, "per": _euros("1.00")},
        )
        self._compare()

    def publish_offer(self) -> str:
        """15.00 EUR off from 100.00 EUR on."""
        offer = self.write(
            "kaffeehaus",
            "The merchant's offer, signed with its key: from 100.00 EUR on 15.00 off, 150.00 in all",
            "/v1/offers",
            {
                "kind": "reduction",
                "currency": "EUR",
                "minimum": _euros("100.00"),
                "off": _euros("15.00"),
                "budget": _euros("150.00"),
                "ends_at": system_clock() + 30 * DAY_SECONDS,
            },
        )
        return str(offer["id"])

    def earn_first_points(self) -> None:
        """A purchase without an offer."""
        self.write(
            "anna",
            "Anna buys for 60.00 EUR and earns her first points",
            "/v1/purchases",
            self._purchase("60.00"),
        )
        self._compare()

    def buy(self, offer: str) -> Any:
        """120.00 EUR with the offer, points spent and points earned."""
        self.write(
            "anna",
            "What 120.00 EUR would cost her with 50 points: offers, alternatives, and why not others",
            "/v1/purchases/quote",
            self._purchase("120.00", points=50),
        )
        self.write(
            "anna",
            "More points than she has are refused, and nothing is written",
            "/v1/purchases",
            self._purchase("120.00", points=5_000, offers=[offer]),
            refused=True,
        )
        purchase = self.write(
            "anna",
            "She buys: discount, points, money and new points in one transaction",
            "/v1/purchases",
            self._purchase("120.00", points=50, offers=[offer]),
        )
        self._compare()
        return purchase

    def refund_half(self, purchase: Any) -> None:
        """Half of everything goes back."""
        path = f"/v1/purchases/{purchase['id']}/refunds"
        self.write(
            "kaffeehaus",
            "Half of it is taken back: half the money, half the points, half the offer's budget",
            path,
            {"money": _euros("60.00")},
        )
        self._compare()
        self.write(
            "kaffeehaus",
            "More than was paid can't go back",
            path,
            {"money": _euros("60.01")},
            refused=True,
        )
        self.read("anna", "Anna's points, by the month in which they expire", "/v1/points")

    def scan(self) -> None:
        """A code is scanned; a changed one fails."""
        request = self.write(
            "kaffeehaus",
            "The till shows a QR code after EMVCo: 8.40 EUR, for one payment",
            "/v1/payment-requests",
            {"money": _euros("8.40"), "reference": "Table 4"},
        )
        payload = request["payload"]
        self.write(
            "anna",
            "Somebody printed another amount, with a checksum that fits: the code proves it wrong",
            "/v1/qr/read",
            {"payload": _with_checksum(payload.replace("54048.40", "54048.41"))},
            refused=True,
        )
        self.write("anna", "Anna's phone reads the true one", "/v1/qr/read", {"payload": payload})
        path = f"/v1/payment-requests/{request['id']}/pay"
        paid = {"payload": payload, "programme": self._number}
        self.write("anna", "She pays what was asked for, and earns points", path, paid)
        self._until("anna", f"/v1/payment-requests/{request['id']}", "paid")
        self.write("anna", "It can't be paid again", path, paid, refused=True)
        self._compare()

    def bill(self) -> None:
        """A bill is published and paid once."""
        billed = {
            "customer": "@anna",
            "number": f"C-{self.run[:6]}",
            "period": "this month",
            "money": _euros("39.90"),
            "due_at": system_clock() + 10 * DAY_SECONDS,
            "details": "Office coffee",
        }
        bill = self.write("kaffeehaus", "A bill for Anna's office coffee", "/v1/bills", billed)
        self.write(
            "kaffeehaus", "The same bill twice is refused", "/v1/bills", billed, refused=True
        )
        path = f"/v1/bills/{bill['id']}"
        self.write("anna", "Anna pays it", f"{path}/pay", None)
        self._until("anna", path, "paid")
        self.write("anna", "It can't be paid twice", f"{path}/pay", None, refused=True)
        self._compare()

    def instalments(self) -> None:
        """Three parts, paid off after the first."""
        request = self.write(
            "kaffeehaus",
            "An espresso machine for 100.00 EUR, in three parts for a fee of 2.00",
            "/v1/payment-requests",
            {"money": _euros("100.00"), "instalments": {"count": 3, "fee": _euros("2.00")}},
        )
        plan = self.write(
            "anna",
            "Anna takes the plan; the first part is paid at once, the last takes the odd cent",
            "/v1/instalment-plans",
            {"request_id": request["id"], "payload": request["payload"]},
        )
        path = f"/v1/instalment-plans/{plan['id']}"
        self._until("anna", path, "active")
        self.write("anna", "She pays the rest early; its fee is not owed", f"{path}/payoff", {})
        self._until("anna", path, "complete")
        self.write("anna", "Nothing is left to pay", f"{path}/payoff", {}, refused=True)
        self._compare()

    def mandate(self) -> None:
        """The merchant collects within what the payer allowed, until she ends it."""
        mandate = self.write(
            "anna",
            "Anna lets the coffee house collect up to 30.00 EUR a month",
            "/v1/mandates",
            {
                "merchant": "@kaffeehaus",
                "ceiling": _euros("30.00"),
                "ends_at": system_clock() + 365 * DAY_SECONDS,
                "details": "Coffee flat rate",
            },
        )
        path = f"/v1/mandates/{mandate['id']}"
        charge = {"money": _euros("24.90"), "details": "This month"}
        too_much = {"money": _euros("30.01")}
        charges = f"{path}/charges"
        self.write("kaffeehaus", "More than that is refused", charges, too_much, refused=True)
        self.write("kaffeehaus", "It collects this month's 24.90", charges, charge)
        self.write("kaffeehaus", "Twice in a month is refused", charges, charge, refused=True)
        self.write("anna", "She ends it", f"{path}/end", None)
        self.write("kaffeehaus", "Then nothing is collected", charges, charge, refused=True)
        self._compare()

    def red_packet(self) -> None:
        """Money for whoever has the code, one share each."""
        gift = self.write(
            "anna",
            "A red packet: 10.00 EUR in three random shares, for whoever has the code",
            "/v1/gifts",
            {"money": _euros("10.00"), "shares": 3, "division": "random", "details": "Cheers"},
        )
        claim = {"code": gift["code"]}
        for name in ("clara", "marcus"):
            self.write(name, f"{name.capitalize()} claims a share", "/v1/gifts/claims", claim)
        again = "Nobody gets two"
        self.write("clara", again, "/v1/gifts/claims", claim, refused=True)
        self._compare()
        self._gift = f"/v1/gifts/{gift['id']}"

    def expire(self) -> None:
        """Months later: points have expired, their money is the pool's, the gift's rest is back."""
        self._wake_up_later(DAYS_UNTIL_EXPIRED)
        self._until("anna", self._gift, "returned")
        self.read(
            "anna", "Seventy days later nobody claimed the last share: it is back", self._gift
        )
        self.read("anna", "Anna's points have expired", "/v1/points")
        self.write(
            "anna",
            "They can't be spent any more",
            "/v1/purchases",
            self._purchase("5.00", points=10),
            refused=True,
        )
        pool = self._of_programme("pools")
        self._pool_is_free(pool)
        self.read("kaffeehaus", "The money that covered them is the merchant's again", pool)
        self._compare()

    def _purchase(self, amount: str, **more: Any) -> dict[str, Any]:
        bought = {"merchant": "@kaffeehaus", "money": _euros(amount), "programme": self._number}
        return bought | more

    def _of_programme(self, what: str) -> str:
        return f"/v1/programmes/{self._programme}/{what}"

    def _compare(self) -> None:
        """What is owed in points is what the contract says. Raises Refused when it is not."""
        said = self.read(
            "auditor", "The auditor compares what is owed with the chain", "/v1/liabilities"
        )
        if not said["agrees"]:
            raise Refused("liabilities_differ", "; ".join(said["differences"]), 0, {})
        self.compared += 1

    def _until(self, name: str, path: str, state: str) -> None:
        """Look until something is in this state."""
        self._until_true(name, path, lambda said: said["state"] == state, state)

    def _pool_is_free(self, path: str) -> None:
        def released(said: Any) -> bool:
            return all(not month["expired"] for pool in said["items"] for month in pool["months"])

        self._until_true("kaffeehaus", path, released, "released")

    def _until_true(self, name: str, path: str, holds: Callable[[Any], bool], wanted: str) -> None:
        asking = Asking(self.url, self.keys)
        deadline = monotonic_seconds() + SETTLED_SECONDS_MAX
        try:
            while not holds(asking.client(name).get(path)):
                if monotonic_seconds() > deadline:
                    raise Refused("too_slow", f"{path} is not {wanted} in time.", 0, {})
                pause(_LOOK_SECONDS)
        finally:
            asking.close()

    def _quietly(self, name: str, path: str, body: Mapping[str, Any] | None) -> Any:
        """Ask for something that the story is not about."""
        asking = Asking(self.url, self.keys)
        try:
            said = None if body is None else dict(body)
            return asking.ask(name, f"story/{self.run}{path}", path, said)
        finally:
            asking.close()


def _with_checksum(payload: str) -> str:
    """A payload with the checksum that it should have: anybody can work it out."""
    body = payload[:-4]
    return f"{body}{crc_hqx(body.encode(), 0xFFFF):04X}"


def _euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}
