"""Requests that share a round: nobody waits for somebody's thousand."""

import asyncio
from collections.abc import Sequence

import pytest

from api.gathering import Gathering


class _Rounds:
    """Takes every item, and remembers which came together."""

    def __init__(self) -> None:
        self.taken: list[list[str]] = []

    def take(self, items: Sequence[str]) -> list[str | None]:
        self.taken.append(list(items))
        return [None if item == "odd" else item.upper() for item in items]


def test_who_asks_for_one_is_served_beside_who_asks_for_many() -> None:
    rounds = _Rounds()

    async def ask() -> None:
        gathering = Gathering(rounds.take, str.title, most=10)
        many = asyncio.create_task(gathering.offer([f"m{n}" for n in range(100)]))
        others = asyncio.create_task(gathering.offer([f"o{n}" for n in range(30)]))
        await asyncio.sleep(0)
        assert await gathering.take("lone") == "LONE"
        assert not many.done()
        assert await others == [f"O{n}" for n in range(30)]
        assert not many.done()
        assert await many == [f"M{n}" for n in range(100)]

    asyncio.run(ask())
    assert "lone" in rounds.taken[0] + rounds.taken[1]
    of_many = [item for part in rounds.taken for item in part if item.startswith("m")]
    assert of_many == [f"m{n}" for n in range(100)]
    assert max(len(part) for part in rounds.taken) == 10


def test_what_a_round_leaves_is_looked_at_alone_or_handed_back() -> None:
    async def ask() -> None:
        gathering = Gathering(_Rounds().take, str.title, most=10)
        assert await gathering.take("odd") == "Odd"
        assert await gathering.offer(["even", "odd"]) == ["EVEN", None]
        assert await gathering.offer([]) == []

    asyncio.run(ask())


def test_a_round_that_fails_is_told_to_each_and_the_next_goes_on() -> None:
    def fails_once(items: Sequence[str]) -> list[str | None]:
        if items[0] == "bad":
            raise ValueError("no")
        return list(items)

    async def ask() -> None:
        gathering = Gathering(fails_once, str.title, most=1)
        failed, made = await gathering.offer(["bad", "good"])
        assert isinstance(failed, ValueError)
        assert made == "good"
        with pytest.raises(ValueError, match="no"):
            await gathering.take("bad")

    asyncio.run(ask())
