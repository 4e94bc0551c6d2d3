"""What is told of mandates, charges and gifts to those who listen: each change once, nothing personal."""

import json

from tests.gifts.test_gifts import claim, give
from tests.mandates.conftest import Gym
from tests.notify.telling import events, listen
from tests.town import DAY, Town
from wallet_chain.bank.caretaking import GRACE_SECONDS


def _kinds(town: Town, resource_id: str) -> list[str]:
    return [event.kind for event in events(town) if event.resource_id == resource_id]


def test_a_mandate_s_life_is_told(gym: Gym) -> None:
    town = gym.town
    listen(town, town.staff("admin"), "https://bank.invalid/")
    mandate = gym.grant(town.anna)
    charge = gym.charged(mandate.id, "5.00")
    gym.end(town.anna, mandate.id)
    assert _kinds(town, mandate.id) == ["mandate.granted", "mandate.ended"]
    assert _kinds(town, charge.id) == ["charge.settled"]
    said = json.dumps([event.body for event in events(town)])
    for person in (town.anna, town.shop):
        assert person.id not in said
        assert person.account not in said


def test_a_charge_that_comes_too_late_is_told(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna)
    listen(town, town.shop.caller, "https://shop.invalid/")
    made = gym.charge(mandate.id, "5.00")
    town.clock.advance(made.deadline - town.clock() + 1)
    town.bank.rpc.call("evm_mine", [])
    town.settle()
    (kind,) = _kinds(town, made.id)
    assert kind in ("charge.expired", "charge.rejected")


def test_a_gift_s_life_is_told_and_not_its_code(town: Town) -> None:
    listen(town, town.anna.caller, "https://anna.invalid/")
    gift = give(town, town.anna, "9.00", shares=3, details="for your birthday")
    claim(town, town.ben, gift)
    town.settle()
    town.wait(DAY + GRACE_SECONDS + 1)
    town.bank.pipeline.recover()
    town.settle()
    assert _kinds(town, gift.id) == ["gift.made", "gift.claimed", "gift.returned"]
    said = json.dumps([event.body for event in events(town)])
    assert gift.code is not None
    assert gift.code not in said
    assert "birthday" not in said
    assert town.ben.id not in said


def test_nobody_else_hears_of_it(gym: Gym) -> None:
    town = gym.town
    listen(town, town.ben.caller, "https://ben.invalid/")
    mandate = gym.grant(town.anna)
    gym.charged(mandate.id, "5.00")
    give(town, town.anna, "1.00")
    assert events(town) == []
