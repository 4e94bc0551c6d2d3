"""Whatever is done to a code: it is refused, or it pays whom it was made for and nothing else."""

import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.merchants.test_emvco import sealed
from tests.merchants.till import asked
from tests.town import Town, eur
from wallet_chain import merchants
from wallet_chain.errors import NotFound, QrAltered, QrForeign, WalletError
from wallet_chain.merchants.emvco import read, row
from wallet_chain.merchants.views import PaymentRequestView

QUIET = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_TEXT = st.text(string.printable, max_size=30)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """What a forger does: puts characters in, takes some out, or copies from another code."""
    return draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("put"), st.floats(0, 1), _TEXT),
                st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 40)),
                st.tuples(st.just("field"), st.integers(0, 99), _TEXT),
                st.tuples(st.just("paste"), st.integers(0, 99), st.integers(0, 2)),
                st.tuples(st.just("drop"), st.integers(0, 99), st.just(0)),
            ),
            min_size=1,
            max_size=4,
        )
    )


def edited(payload: str, others: list[str], what: list[tuple[Any, ...]], mend: bool) -> str:
    """The payload after a forger's work; with ``mend`` its checksum fits again."""
    text = payload
    for kind, where, more in what:
        if kind == "put":
            place = int(where * len(text))
            text = text[:place] + more + text[place + len(more) :]
        elif kind == "cut":
            place = int(where * len(text))
            text = text[:place] + text[place + more :]
        else:
            text = _field_edited(text, others, kind, f"{where:02d}", more)
    return sealed(text[:-8]) if mend and len(text) > 8 else text


def _field_edited(text: str, others: list[str], kind: str, name: str, more: Any) -> str:
    try:
        fields = dict(read(text).fields)
        if kind == "field":
            fields[name] = more
        elif kind == "drop":
            fields.pop(name, None)
        else:
            source = read(others[more]).fields
            fields |= {name: source[name]} if name in source else {"26": source["26"]}
        return sealed(row(fields))
    except (WalletError, ValueError):
        return text


def test_a_fuzzed_code_is_refused_or_is_the_one_that_was_handed_out(
    town_in_a_file: Town,
) -> None:
    town = town_in_a_file
    made = [
        asked(town, town.shop, "12.34", reference="Table 4", tip_allowed=True),
        asked(town, town.shop, "12.34", reference="Table 5"),
        asked(town, town.ben, "12.34"),
        asked(town, town.shop, static=True),
    ]
    codes = {one.payload or "": one for one in made}
    first, *others = codes

    @QUIET
    @given(edits(), st.booleans())
    def forge(what: list[tuple[Any, ...]], mend: bool) -> None:
        _judge(town, codes, edited(first, others, what, mend))

    before = town.contents()
    forge()
    assert town.contents() == before


def _judge(town: Town, codes: dict[str, PaymentRequestView], text: str) -> None:
    try:
        told = merchants.read_code(town.bank, town.anna.caller, text)
    except WalletError as refusal:
        if not refusal.code.startswith("qr_"):
            pytest.fail(f"{text!r}: {refusal.code}")
        return
    # Nothing but a code as it was handed out is read, and it says what that request says.
    request = codes[text]
    assert (told.request_id, told.money) == (request.id, request.money)
    assert told.payee_account == request.payee_account


def test_with_the_right_checksum_and_another_commitment_nothing_is_paid(
    town_in_a_file: Town,
) -> None:
    town = town_in_a_file
    one, other = asked(town, town.shop, "12.34"), asked(town, town.ben, "500.00")
    assert one.payload is not None
    assert other.payload is not None
    mixed = dict(read(other.payload).templates["26"]) | {
        "02": read(one.payload).templates["26"]["02"]
    }
    fields = dict(read(one.payload).fields) | {"26": row(mixed)}
    with town.refusal(QrAltered):
        merchants.read_code(town.bank, town.anna.caller, sealed(row(fields)))
    foreign = fields | {"26": row({"00": "com.example", "01": one.id[4:]})}
    with town.refusal(QrForeign):
        merchants.read_code(town.bank, town.anna.caller, sealed(row(foreign)))
    addressed = asked(town, town.shop, "1.00", payer=town.ben.id)
    assert addressed.payload is not None
    with town.refusal(NotFound):
        merchants.read_code(town.bank, town.anna.caller, addressed.payload)
    assert merchants.read_code(town.bank, town.ben.caller, addressed.payload).money == eur("1.00")
