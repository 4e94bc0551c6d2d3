"""Each change of a transfer is told once, in the sequence of its history."""

import json
from typing import Any

from sqlalchemy import select

from tests.crossborder.abroad import REVIEW_SECONDS, seen, sent
from tests.notify.receiver import receiving
from tests.notify.telling import deliver, events, listen
from tests.town import Person, Town, ask
from wallet_chain import crossborder
from wallet_chain.bank.caretaking import GRACE_SECONDS
from wallet_chain.crossborder.drafts import RejectionDraft
from wallet_chain.crossborder.history import Change, enter
from wallet_chain.store.tables import CrossBorderTransfer, Quote


def told(town: Town, transfer_id: str) -> list[tuple[int, str]]:
    """Sequence and kind of each event of a transfer."""
    return [
        (event.sequence, event.kind) for event in events(town) if event.resource_id == transfer_id
    ]


def as_in_history(town: Town, by: Person, transfer_id: str) -> list[tuple[int, str]]:
    history = seen(town, by, transfer_id).history
    return [(line.sequence, f"transfer.{line.state}") for line in history]


def test_every_change_of_every_end_is_told(town: Town) -> None:
    listen(town, town.staff("admin"), "https://bank.invalid/")
    reviewer = town.staff("compliance")
    straight = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    held = [sent(town, town.uma, town.ali, "USD 100.00", "BHD") for _ in range(4)]
    crossborder.release_transfer(town.bank, reviewer, ask(), held[0].id)
    draft = RejectionDraft(held[1].id, "RR04")
    crossborder.reject_transfer(town.bank, reviewer, ask(), draft)
    crossborder.recall_transfer(town.bank, town.uma.caller, ask(), held[2].id)
    town.settle()
    town.wait(REVIEW_SECONDS + GRACE_SECONDS + 1)
    town.bank.pipeline.recover()
    town.settle()
    ends = {
        straight.id: (town.anna, "settled"),
        held[0].id: (town.uma, "settled"),
        held[1].id: (town.uma, "rejected"),
        held[2].id: (town.uma, "recalled"),
        held[3].id: (town.uma, "refunded"),
    }
    for transfer_id, (sender, end) in ends.items():
        assert told(town, transfer_id)[-1][1] == f"transfer.{end}"
        assert told(town, transfer_id) == as_in_history(town, sender, transfer_id)


def test_the_own_key_is_told_to_be_awaited(town: Town) -> None:
    listen(town, town.clara.caller, "https://clara.invalid/")
    transfer = sent(town, town.clara, town.li, "EUR 100.00", "CNY")
    assert [kind for _, kind in told(town, transfer.id)] == [
        "transfer.awaiting_signature",
        "transfer.accepted",
        "transfer.settled",
    ]


def test_both_sides_receive_it_signed_and_without_personal_data(town: Town) -> None:
    town.bank.settings.webhook_networks = frozenset({"127.0.0.0/8"})
    with receiving() as receiver:
        secrets = {
            name: listen(town, getattr(town, name).caller, f"{receiver.url}/{name}").secret
            for name in ("anna", "li", "ben")
        }
        transfer = sent(
            town, town.anna, town.li, "EUR 100.00", "CNY", remittance="for Li's new bicycle"
        )
        deliver(town)
    paths = sorted(one.path.rpartition("/")[2] for one in receiver.got)
    assert paths == ["anna", "anna", "li", "li"]
    bodies: list[Any] = []
    for one in receiver.got:
        secret = secrets[one.path.rpartition("/")[2]]
        assert secret is not None
        bodies.append(one.verified(secret))
    settled = next(body for body in bodies if body["type"] == "transfer.settled")["data"]
    assert settled["uetr"] == transfer.uetr
    assert settled["source"] == {"amount": "100.00", "currency": "EUR"}
    assert settled["transaction_hash"] == transfer.history[-1].transaction_hash
    said = json.dumps(bodies)
    assert "bicycle" not in said
    for person in (town.anna, town.li):
        assert person.id not in said
        assert person.account not in said


def test_the_bank_tells_of_no_change_that_is_taken_back(town: Town) -> None:
    listen(town, town.staff("admin"), "https://bank.invalid/")
    transfer = sent(town, town.uma, town.ali, "USD 100.00", "BHD")
    before = told(town, transfer.id)

    class TakenBackError(Exception):
        pass

    try:
        with town.bank.store.transaction() as session:
            row = session.get_one(CrossBorderTransfer, transfer.id)
            assert session.scalars(select(Quote).where(Quote.id == row.quote_id)).one()
            change = Change("rejected", town.clock())
            enter(session, row, change)
            raise TakenBackError
    except TakenBackError:
        pass
    assert told(town, transfer.id) == before
