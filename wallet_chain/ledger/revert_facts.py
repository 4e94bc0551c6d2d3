"""How one argument of a custom error becomes a fact (a JSON value) and a word of a sentence.

Amounts are decimal strings in their currency (``have``) where it is known, and minor units
(``have_minor``) where it is not. Moments are RFC 3339 in UTC, addresses EIP-55, hashes ``0x`` hex.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from wallet_chain.clock import to_iso
from wallet_chain.errors import WalletError
from wallet_chain.ledger.hashing import checksum_address, to_hex
from wallet_chain.ledger.units import REFERENCE_CURRENCY, amount_text, currency_code, word_of

Facts = dict[str, Any]

OURS = "This is a fault of the product or of its deployment, not of the request: report it."
"""Ends the sentence of an error that no request can bring about."""

_LAST_MOMENT = 253_402_300_799
"""The end of the year 9999, beyond which no date can be written."""


@dataclass(frozen=True)
class RevertContext:
    """What the one who asked knows and the error does not say."""

    currency: str | None = None
    """The currency of the amounts in the order."""
    provider: str | None = None
    """The account that exchanges currencies for the order, and is refused in words of its own."""
    provider_currency: str | None = None
    """The currency that the provider gives."""


@dataclass(frozen=True)
class Argument:
    """One argument of an error, beside the others and the context."""

    value: Any
    all: Mapping[str, Any]
    context: RevertContext


class Reading(NamedTuple):
    """What was read from one argument."""

    facts: Facts
    text: str


@dataclass(frozen=True)
class Reader:
    """Takes the error's argument ``argument`` and reads it under the fact's name."""

    argument: str
    read: Callable[[str, Argument], Reading]


@dataclass(frozen=True)
class Rule:
    """One custom error: the class it becomes, the sentence, and where each fact comes from."""

    error: type[WalletError]
    sentence: str | Callable[[dict[str, str]], str]
    readers: dict[str, Reader] = field(hash=False)

    def refusal(self, arguments: Mapping[str, Any], context: RevertContext) -> WalletError:
        """The error with its sentence and facts filled in."""
        facts: Facts = {}
        texts: dict[str, str] = {}
        for name, reader in self.readers.items():
            argument = Argument(arguments[reader.argument], arguments, context)
            reading = reader.read(name, argument)
            facts |= reading.facts
            texts[name] = reading.text
        if callable(self.sentence):
            return self.error(self.sentence(texts), **facts)
        return self.error(self.sentence.format(**texts), **facts)


def rule(
    error: type[WalletError],
    sentence: str | Callable[[dict[str, str]], str],
    **readers: Reader,
) -> Rule:
    """A row of the table: class, sentence with ``{fact}`` in it, and a reader for each fact."""
    return Rule(error, sentence, readers)


def _plain(argument: str, convert: Callable[[Any], Any]) -> Reader:
    def read(name: str, given: Argument) -> Reading:
        value = convert(given.value)
        return Reading({name: value}, str(value))

    return Reader(argument, read)


def address(argument: str) -> Reader:
    """An account or contract."""
    return _plain(argument, checksum_address)


def word(argument: str) -> Reader:
    """Bytes of any length, as hex."""
    return _plain(argument, to_hex)


def number(argument: str) -> Reader:
    """A small number, such as a tier or a country."""
    return _plain(argument, int)


def large(argument: str) -> Reader:
    """A number that readers of JSON might round, as a decimal string."""
    return _plain(argument, str)


def code(argument: str) -> Reader:
    """A currency."""
    return _plain(argument, currency_code)


def one_of(kind: type[IntEnum], argument: str) -> Reader:
    """A member of one of Solidity's enumerations, as a word."""

    def read(name: str, given: Argument) -> Reading:
        # A contract that is newer than this list may know more members.
        known = given.value in kind.__members__.values()
        member = word_of(kind(given.value)) if known else str(given.value)
        return Reading({name: member}, member.replace("_", " "))

    return Reader(argument, read)


def moment(argument: str) -> Reader:
    """Unix seconds as RFC 3339; null for 0, which stands for never."""

    def read(name: str, given: Argument) -> Reading:
        text = to_iso(min(given.value, _LAST_MOMENT)) if given.value else None
        return Reading({name: text}, text or "never")

    return Reader(argument, read)


def limit_money(argument: str) -> Reader:
    """An amount of the reference currency, in which limits count."""
    return Reader(argument, lambda name, given: _money(name, given.value, REFERENCE_CURRENCY))


def own_money(argument: str) -> Reader:
    """An amount of the currency that the error itself names."""
    return Reader(
        argument,
        lambda name, given: _money(name, given.value, currency_code(given.all["currency"])),
    )


def money_in(currency: str, argument: str) -> Reader:
    """An amount of the currency that another argument of the error names."""
    return Reader(
        argument,
        lambda name, given: _money(name, given.value, currency_code(given.all[currency])),
    )


def provider_money(argument: str) -> Reader:
    """An amount of the currency that the order's provider gives."""

    def read(name: str, given: Argument) -> Reading:
        assert given.context.provider_currency is not None
        return _money(name, given.value, given.context.provider_currency)

    return Reader(argument, read)


def money(argument: str) -> Reader:
    """An amount of the currency that the context names, else of one that is not known here."""

    def read(name: str, given: Argument) -> Reading:
        if given.context.currency is None:
            minor = str(given.value)
            return Reading({f"{name}_minor": minor}, f"{minor} minor units")
        return _money(name, given.value, given.context.currency)

    return Reader(argument, read)


def _money(name: str, amount_minor: int, currency: str) -> Reading:
    text = amount_text(amount_minor, currency)
    return Reading({name: text, "currency": currency}, f"{text} {currency}")
