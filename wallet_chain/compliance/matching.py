"""Finds people and businesses in the lists in force: fuzzily by name, exactly by identifier."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from wallet_chain.compliance.lists import Entry
from wallet_chain.compliance.names import within, words_of

IDENTIFIER_LENGTH_MIN = 5
"""Shorter ones belong to too many."""

_NOT_IN_IDENTIFIERS = re.compile(r"[\W_]+")
_ORDER = {"identifier": 0, "name": 1, "alias": 2}


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom to look for."""

    name: str | None
    business: bool = False
    birth_date: str | None = None
    """``YYYY-MM-DD``."""
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that may be the one who is sought."""

    entry: Entry
    score: int
    """In per cent, rounded down; 100 for an identifier."""
    by: str
    """``name``, ``alias`` or ``identifier``."""
    text: str
    """What of the entry it was found by."""
    birth_date: str
    """``same``, ``different`` or ``unknown``. It lowers no score: dates on lists are often wrong."""


class Index:
    """One list in memory, made for searching. Never changed once it is made."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._texts: list[str] = []
        self._owners: list[tuple[int, str, str]] = []
        self._identifiers: dict[str, list[tuple[int, str]]] = {}
        for place, entry in enumerate(self._entries):
            business = entry.kind != "Person"
            for by, names in (("name", (entry.name,)), ("alias", entry.aliases)):
                for name in names:
                    words = words_of(name, business=business)
                    if words:
                        self._texts.append(" ".join(words))
                        self._owners.append((place, by, name))
            for identifier in entry.identifiers:
                key = _plain(identifier)
                if len(key) >= IDENTIFIER_LENGTH_MIN:
                    self._identifiers.setdefault(key, []).append((place, identifier))

    def search(self, sought: Sought, score_min: int) -> list[Match]:
        """All entries at or above ``score_min``, each once by what it is found best, best first."""
        found: dict[int, Match] = {}
        for place, by, text, score in self._hits(sought, score_min):
            entry = self._entries[place]
            match = Match(entry, score, by, text, _births(sought.birth_date, entry.birth_dates))
            known = found.get(place)
            if known is None or _rank(match) < _rank(known):
                found[place] = match
        return sorted(found.values(), key=lambda match: (*_rank(match), match.entry.entry_id))

    def _hits(self, sought: Sought, score_min: int) -> Iterable[tuple[int, str, str, int]]:
        for identifier in sought.identifiers:
            for place, text in self._identifiers.get(_plain(identifier), ()):
                yield place, "identifier", text, 100
        words = words_of(sought.name or "", business=sought.business)
        if not words:
            return
        name = " ".join(words)
        for place, score in _extracted(name, self._texts, fuzz.ratio, score_min):
            yield *self._owners[place], score
        # A hundred per cent here: all words of one name stand in the other one.
        for place, _ in _extracted(name, self._texts, fuzz.token_set_ratio, 100):
            listed = tuple(self._texts[place].split(" "))
            if within(words, listed) or within(listed, words):
                yield *self._owners[place], 100


def _extracted(
    name: str, texts: Sequence[str], scorer: Any, score_min: int
) -> Iterable[tuple[int, int]]:
    found = process.extract(
        name, texts, scorer=scorer, processor=None, limit=None, score_cutoff=score_min
    )
    for _, score, place in found:
        yield place, int(score)


def _plain(identifier: str) -> str:
    return _NOT_IN_IDENTIFIERS.sub("", identifier).upper()


def _rank(match: Match) -> tuple[int, int]:
    return -match.score, _ORDER[match.by]


def _births(sought: str | None, listed: tuple[str, ...]) -> str:
    if not sought or not listed:
        return "unknown"
    return "same" if any(sought.startswith(date) for date in listed) else "different"
