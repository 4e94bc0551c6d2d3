"""Five transfers abroad, told against a running server through the public API only.

One goes straight through, one is held and released, one is rejected, one is recalled, and one is
forgotten by its reviewers until a stranger refunds it.
"""

from collections.abc import Callable
from typing import Any

from wallet_chain.cli.client import Refused
from wallet_chain.cli.demo_asking import Asking
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.seeding_abroad import refresh_rates
from wallet_chain.cli.telling import Step, Telling
from wallet_chain.cli.world import WORLD
from wallet_chain.cli.world_abroad import OVERDUE
from wallet_chain.clock import monotonic_seconds, pause, system_clock

TRANSFERS = "/v1/cross-border-transfers"
INDEXED_SECONDS_MAX = 30
AFTER_EXPIRY_SECONDS = 2
"""The block that carries a refund must itself be later than the expiry."""


class StoryAbroad(Telling):
    """Each part is one transfer from quote to end. ``ended`` has their ids and final states."""

    def __init__(
        self,
        url: str,
        keys: DemoKeys,
        tell: Callable[[Step], None],
        stranger: Callable[[], str],
    ) -> None:
        """``stranger`` refunds on chain what is overdue, and says what it did."""
        super().__init__(url, keys, tell)
        self._stranger = stranger
        self.ended: dict[str, str] = {}

    def play(self) -> None:
        """All five. Raises Refused when an answer is not the one the story is about."""
        self.prepare()
        self.straight_through()
        forgotten = self.forgotten()
        self.released()
        self.rejected()
        self.recalled()
        self.refunded(forgotten)

    def prepare(self) -> None:
        """Mid rates that are not older than the bank allows."""
        asking = Asking(self.url, self.keys)
        try:
            refresh_rates(asking, system_clock)
        finally:
            asking.close()

    def straight_through(self) -> None:
        """EUR -> CNY: both legs in one transaction."""
        quote = self._quote("anna", "EUR", "CNY", "20.00", "CN")
        self.write(
            "anna",
            "The whole path beforehand: KYC, corridor, limits, liquidity. Asking writes nothing",
            f"{TRANSFERS}?dry_run=true",
            self._body("wei", quote),
        )
        sent = self._send("anna", "wei", quote, "settled", "Anna sends; both legs settle at once")
        self.write(
            "anna",
            "A quote is used once",
            TRANSFERS,
            self._body("wei", quote),
            refused=True,
        )
        self._end(sent)

    def released(self) -> None:
        """USD -> BHD: held for a review, and released."""
        quote = self._quote("marcus", "USD", "BHD", "15.00", "BH")
        held = self._send(
            "marcus", "fatima", quote, "held", "This corridor is reviewed: both legs in escrow"
        )
        self.write(
            "marcus",
            "He can't release it himself",
            f"{TRANSFERS}/{held['id']}/release",
            None,
            refused=True,
        )
        self._end(
            self.write(
                "compliance",
                "A reviewer releases it: both legs move on",
                f"{TRANSFERS}/{held['id']}/release",
                None,
                state="settled",
            )
        )

    def rejected(self) -> None:
        """JPY -> EUR: held, and returned with a reason."""
        quote = self._quote("yuki", "JPY", "EUR", "3000", "DE")
        held = self._send("yuki", "anna", quote, "held", "Yuki sends yen; held as well")
        self._end(
            self.write(
                "compliance",
                "The reviewer rejects it, with an ISO 20022 reason; both legs go back",
                f"{TRANSFERS}/{held['id']}/reject",
                {"reason": "RR04"},
                state="rejected",
            )
        )

    def recalled(self) -> None:
        """USD -> BHD: taken back by its sender while it is held."""
        quote = self._quote("marcus", "USD", "BHD", "15.00", "BH")
        held = self._send("marcus", "fatima", quote, "held", "Marcus sends again")
        self._end(
            self.write(
                "marcus",
                "and thinks better of it, by an order that his key signs",
                f"{TRANSFERS}/{held['id']}/recall",
                None,
                state="recalled",
            )
        )
        self.write(
            "compliance",
            "What was recalled can't be released any more",
            f"{TRANSFERS}/{held['id']}/release",
            None,
            refused=True,
        )

    def forgotten(self) -> Any:
        """EUR -> BHD: held in a corridor whose reviews may take a minute; nobody looks at it."""
        quote = self._quote("anna", *OVERDUE, "20.00", "BH")
        held = self._send("anna", "fatima", quote, "held", "Held, and nobody looks at it")
        self.write(
            "anna",
            "Anyone may refund it, but not before its time is over",
            f"{TRANSFERS}/{held['id']}/refund",
            None,
            refused=True,
        )
        return held

    def refunded(self, held: Any) -> None:
        """Wait until the transfer is overdue, and have a stranger refund it."""
        while system_clock() < held["hold_expires_at"] + AFTER_EXPIRY_SECONDS:
            pause(0.5)
        said = self._stranger()
        if held["order_id"] not in said:
            raise Refused("not_refunded", f"The stranger's script said: {said}", 0, {})
        path = f"{TRANSFERS}/{held['id']}"
        asking = Asking(self.url, self.keys)
        deadline = monotonic_seconds() + INDEXED_SECONDS_MAX
        while asking.client("anna").get(path)["state"] == "held":
            if monotonic_seconds() > deadline:
                raise Refused("not_indexed", "The refund is not in the books yet.", 0, {})
            pause(0.2)
        asking.close()
        self._end(self.read("anna", "Anna has her money back; the last line is the stranger", path))

    def _quote(self, name: str, source: str, target: str, amount: str, country: str) -> Any:
        title = f"{name.capitalize()} asks what {amount} {source} are in {target}, all costs shown"
        asked = {
            "source": {"currency": source, "amount": amount},
            "target": {"currency": target},
            "recipient_country": country,
        }
        return self.write(name, title, "/v1/quotes", asked)

    def _body(self, recipient: str, quote: Any) -> dict[str, Any]:
        return {
            "quote_id": quote["id"],
            "recipient": WORLD.names[recipient].alias,
            "purpose": "GDDS",
            "remittance": f"Invoice {self.run}",
        }

    def _send(self, sender: str, recipient: str, quote: Any, state: str, title: str) -> Any:
        return self.write(sender, title, TRANSFERS, self._body(recipient, quote), state=state)

    def _end(self, transfer: Any) -> None:
        self.ended[transfer["id"]] = transfer["state"]
