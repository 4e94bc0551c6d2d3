"""Aliases: found however they are written, given once, gone when removed."""

import pytest
from sqlalchemy import select

from tests.town import Town, ask
from wallet_chain import identity
from wallet_chain.errors import (
    AliasTaken,
    Forbidden,
    InvalidRequest,
    KycMissing,
    NotFound,
    PayeeUnknown,
)
from wallet_chain.identity.drafts import AliasDraft, StandingDraft
from wallet_chain.store.tables import Alias


def _add(town: Town, customer_id: str, alias: str) -> str:
    draft = AliasDraft(customer_id, alias)
    return identity.add_alias(town.bank, town.staff("operator"), ask(), draft).resource.alias


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("+49 30 5550-101", "+49305550101"),
        ("Anna@Example.ORG", " anna@example.org"),
        ("@Anna.B", "@anna.b"),
    ],
)
def test_an_alias_is_found_however_it_is_written(town: Town, given: str, asked: str) -> None:
    assert _add(town, town.anna.id, given) == asked.strip()
    found = identity.resolve_payee(town.bank, town.ben.caller, asked)
    assert (found.account, found.merchant, found.active) == (town.anna.account, False, True)


def test_an_alias_belongs_to_one_customer(town: Town) -> None:
    _add(town, town.anna.id, "@anna")
    assert _add(town, town.anna.id, "@anna") == "@anna"
    with town.refusal(AliasTaken):
        _add(town, town.ben.id, "@ANNA")
    assert _add(town, town.ben.id, "@ben") == "@ben"


@pytest.mark.parametrize(
    "alias",
    [
        "anna",
        "@a",
        "+123",
        "a@b",
        "@anna becker",
        "0x" + "ab" * 20,
        "\N{CYRILLIC SMALL LETTER A}nna@example.org",
        "an\N{ZERO WIDTH SPACE}na@example.org",
        "stra\N{LATIN SMALL LETTER SHARP S}e@example.org",
        "@\N{KELVIN SIGN}affee",
        "+\N{ARABIC-INDIC DIGIT FOUR}9301234567",
    ],
)
def test_what_is_no_alias_is_refused(town: Town, alias: str) -> None:
    with town.refusal(InvalidRequest):
        _add(town, town.anna.id, alias)


def test_a_removed_alias_leads_nowhere(town: Town) -> None:
    _add(town, town.anna.id, "@anna")
    draft = AliasDraft(town.anna.id, "@anna")
    with town.refusal(NotFound):
        identity.remove_alias(
            town.bank, town.staff("operator"), ask(), AliasDraft(town.ben.id, "@anna")
        )
    left = identity.remove_alias(town.bank, town.anna.caller, ask(), draft).resource
    assert left.aliases == ()
    with pytest.raises(PayeeUnknown):
        identity.resolve_payee(town.bank, town.ben.caller, "@anna")
    assert _add(town, town.ben.id, "@anna") == "@anna"


def test_customers_manage_their_own_aliases_only(town: Town) -> None:
    draft = AliasDraft(town.anna.id, "@anna")
    with town.refusal(NotFound):
        identity.add_alias(town.bank, town.ben.caller, ask(), draft)
    identity.add_alias(town.bank, town.anna.caller, ask(), draft)
    seen = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert seen.aliases == ("@anna",)


@pytest.mark.parametrize("alias", ["+49 30 5550199", "somebody@example.org"])
def test_a_contact_is_noted_by_who_made_sure_whose_it_is(town: Town, alias: str) -> None:
    draft = AliasDraft(town.anna.id, alias)
    for caller in (town.anna.caller, town.ben.caller):
        with town.refusal(Forbidden):
            identity.add_alias(town.bank, caller, ask(), draft)
    assert _add(town, town.anna.id, alias)
    left = identity.remove_alias(town.bank, town.anna.caller, ask(), draft).resource
    assert left.aliases == ()


def test_the_database_does_not_know_an_alias_by_its_name(town: Town) -> None:
    _add(town, town.anna.id, "@anna.becker")
    with town.bank.store.reading() as session:
        [row] = session.scalars(select(Alias)).all()
    assert b"anna.becker" not in row.sealed_alias
    assert len(row.alias_index) == 64


def test_a_payee_says_when_it_can_not_be_paid(town: Town) -> None:
    draft = StandingDraft(town.anna.id, "because")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    assert not identity.resolve_payee(town.bank, town.ben.caller, town.anna.id).active
    assert identity.resolve_payee(town.bank, town.ben.caller, town.shop.id).merchant
    with pytest.raises(KycMissing):
        identity.resolve_payee(town.bank, town.ben.caller, town.customer().id)
    with pytest.raises(PayeeUnknown):
        identity.resolve_payee(town.bank, town.ben.caller, "0x" + "ab" * 20)
