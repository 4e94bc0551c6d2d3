"""Rates between currencies without, with two and with three decimals, and what the contract computes."""

from fractions import Fraction

from tests.deployed import World
from wallet_chain.crossborder.pricing import Priced
from wallet_chain.crossborder.rates import Mid
from wallet_chain.errors import AccountUnknown, QuoteInvalid, WalletError
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.ledger.units import Rounding

EUROS_FOR_ONE = {
    "JPY": Fraction(10_000, 1_724_100),
    "EUR": Fraction(1),
    "USD": Fraction(10_000, 11_628),
    "CNY": Fraction(10, 78),
    "BHD": Fraction(10_000, 4_386),
}


def mid(source: str, target: str) -> Fraction:
    return Mid(EUROS_FOR_ONE[source] / EUROS_FOR_ONE[target], "test", 0).in_minor_units(
        source, target
    )


def adds_up(world: World, pair: tuple[str, str], priced: Priced) -> bool:
    """Whether the contract agrees with an offer; it goes on to refuse the parties, whom it does not know."""
    refusal = preview(world, pair, priced, 0)
    assert isinstance(refusal, AccountUnknown | QuoteInvalid), refusal
    return isinstance(refusal, AccountUnknown)


def computed_by_the_contract(
    world: World, pair: tuple[str, str], priced: Priced, off: int
) -> int | None:
    """What it says the dependent amount should be, told one that is off; None when refused for less."""
    refusal = preview(world, pair, priced, off)
    assert isinstance(refusal, WalletError)
    assert not isinstance(refusal, AccountUnknown), "the contract accepted another amount"
    computed = refusal.facts.get("computed")
    return None if computed is None else int(computed)


def preview(world: World, pair: tuple[str, str], priced: Priced, off: int) -> Exception | None:
    """What the contract says of an offer whose dependent amount is off by so much."""
    down = priced.rounding == "target_down"
    quote = {
        "provider": "0x" + "11" * 20,
        "sourceCurrency": pair[0],
        "targetCurrency": pair[1],
        "sourceAmount": priced.source_minor + (0 if down else off),
        "fee": priced.fee_minor,
        "targetAmount": priced.target_minor + (off if down else 0),
        "rateNumerator": priced.rate.numerator,
        "rateDenominator": priced.rate.denominator,
        "rounding": int(Rounding[priced.rounding.upper()]),
        "expiry": world.now() + 600,
        "quoteId": b"\x01" * 32,
    }
    domain = domain_for(world.contracts.book, "CrossBorder")
    order = {
        "quote": order_digest("quote", domain, quote),
        "provider": quote["provider"],
        "sender": "0x" + "22" * 20,
        "recipient": "0x" + "33" * 20,
        "sourceCurrency": pair[0],
        "sourceAmount": quote["sourceAmount"],
        "targetCurrency": pair[1],
        "targetAmount": quote["targetAmount"],
        "purpose": "GDDS",
        "travelRule": b"\x00" * 32,
        "reference": b"\x00" * 32,
        "nonce": 1,
        "deadline": world.now() + 600,
    }
    names = ("fee", "rateNumerator", "rateDenominator", "rounding", "expiry", "quoteId")
    terms = tuple(quote[name] for name in names)
    try:
        world.contracts.read("CrossBorder", "preview", order_struct("transfer", order), terms)
    except WalletError as refusal:
        return refusal
    return None
