"""Erasing a customer: not while anything is owed, and then for good."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.town import ALL, Town, ask, eur
from wallet_chain import audit, identity, issuance, payments
from wallet_chain.audit.drafts import AccessFilter, EventFilter
from wallet_chain.errors import (
    ApiKeyExpired,
    CustomerForgotten,
    CustomerNotForgettable,
    NotFound,
    PayeeUnknown,
)
from wallet_chain.identity.drafts import (
    AliasDraft,
    ApiKeyDraft,
    DecisionDraft,
    ForgetDraft,
    KycDraft,
    Personal,
    ReviewFilter,
)
from wallet_chain.identity.views import CustomerView
from wallet_chain.issuance.drafts import (
    DepositFilter,
    PayoutDraft,
    WithdrawalDraft,
    WithdrawalFilter,
)
from wallet_chain.payments.drafts import PaymentFilter
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Base, Customer, CustomerKey

SECRETS = (
    "Zebulon Quixotry",
    "+498899776655",
    "zebulon@quixotry.example",
    "Xylophonstrasse",
    "IBAN-ZQ-7788",
    "Wire from Quixotry Senior",
    "birthday for aunt Quixotry",
    "looks like Quixotry indeed",
    "PO Quixotry 1",
)


def _forget(town: Town, customer_id: str) -> CustomerView:
    draft = ForgetDraft(customer_id)
    made = identity.forget_customer(town.bank, town.staff("compliance"), ask(), draft).resource
    town.settle()
    return made


def _lived(town: Town) -> None:
    """A customer who left traces everywhere: ``town.zeb``."""
    personal = Personal(
        name="Zebulon Quixotry",
        birth_date="1970-01-02",
        phone="+498899776655",
        email="zebulon@quixotry.example",
        street="Xylophonstrasse 1",
        city="Berlin",
        postal_code="10117",
    )
    zeb = town.welcome("zeb")
    operator = town.staff("operator")
    identity.submit_kyc(town.bank, operator, ask(), KycDraft(zeb.id, 2, personal))
    [review] = identity.list_reviews(
        town.bank, operator, ReviewFilter(customer_id=zeb.id), ALL
    ).items[-1:]
    decision = DecisionDraft(
        review.id, "approve", note="looks like Quixotry indeed", reason_code="fine"
    )
    identity.decide_review(town.bank, town.staff("compliance"), ask(), decision)
    town.settle()
    identity.add_alias(town.bank, operator, ask(), AliasDraft(zeb.id, "zebulon@quixotry.example"))
    town.fund(zeb, "50.00", reference="Wire from Quixotry Senior")
    town.paid(zeb, town.anna.account, "20.00", details="birthday for aunt Quixotry")
    draft = WithdrawalDraft(eur("30.00"), "IBAN-ZQ-7788")
    taken = issuance.create_withdrawal(town.bank, zeb.caller, ask(), draft).resource
    town.settle()
    paid = PayoutDraft(taken.id, "PO Quixotry 1")
    issuance.confirm_payout(town.bank, operator, ask(), paid)
    town.settle()


def test_a_customer_is_forgotten_only_when_nothing_is_owed(town: Town) -> None:
    zeb = town.welcome("zeb")
    deposit = town.deposit(zeb, "10.00")
    with town.refusal(CustomerNotForgettable) as caught:
        _forget(town, zeb.id)
    assert caught.value.facts["open_deposits"]
    town.mint(deposit.id)
    with town.refusal(CustomerNotForgettable) as caught:
        _forget(town, zeb.id)
    assert caught.value.facts["balances"] == [{"amount": "10.00", "currency": "EUR"}]

    draft = WithdrawalDraft(eur("10.00"), "IBAN")
    taken = issuance.create_withdrawal(town.bank, zeb.caller, ask(), draft).resource
    with town.refusal(CustomerNotForgettable) as caught:
        _forget(town, zeb.id)
    assert caught.value.facts["open_orders"]
    town.settle()
    with town.refusal(CustomerNotForgettable) as caught:
        _forget(town, zeb.id)
    assert caught.value.facts["open_payouts"]
    paid = PayoutDraft(taken.id, "PO 1")
    issuance.confirm_payout(town.bank, town.staff("operator"), ask(), paid)
    town.settle()

    assert _forget(town, zeb.id).state == "forgotten"
    with town.refusal(CustomerForgotten):
        _forget(town, zeb.id)


def test_a_payment_that_somebody_may_still_sign_to_the_customer_stands_in_the_way(
    town: Town,
) -> None:
    zeb = town.welcome("zeb")
    town.pay(town.clara, zeb.account, "1.00")
    with town.refusal(CustomerNotForgettable):
        _forget(town, zeb.id)
    town.wait(town.bank.settings.order_ttl_seconds + 1)
    assert _forget(town, zeb.id).state == "forgotten"


def test_nothing_readable_remains_in_the_rows_or_in_the_files(town: Town) -> None:
    _lived(town)
    zeb = town.zeb
    with town.bank.store.reading() as session:
        wrapped = session.scalar(
            select(CustomerKey.wrapped_key).where(CustomerKey.customer_id == zeb.id)
        )
    assert wrapped is not None
    assert wrapped in _all_bytes(town)

    _forget(town, zeb.id)

    content = _all_bytes(town)
    assert wrapped not in content
    for secret in SECRETS:
        assert secret.encode() not in content
        assert secret.encode("utf-16-le") not in content


def test_a_backup_of_the_database_with_the_master_key_reads_nothing_of_the_forgotten(
    town_in_a_file: Town, tmp_path: Path
) -> None:
    town = town_in_a_file
    _lived(town)
    database = Path(str(town.bank.store.url.database))
    with town.bank.store.transaction():
        shutil.copytree(database.parent, tmp_path / "backup", dirs_exist_ok=True)
    _forget(town, town.zeb.id)

    # Everything of the day before but the keys' own place, which keeps no backup for so long.
    old = Store.open(f"sqlite:///{tmp_path / 'backup' / database.name}", town.clock)
    personal = town.bank.personal
    try:
        with old.reading() as session:
            zeb, anna = (session.get_one(Customer, one.id) for one in (town.zeb, town.anna))
            assert zeb.state != "forgotten"
            assert zeb.sealed_personal is not None
            assert anna.sealed_personal is not None
            assert personal.open(session, anna.id, anna.sealed_personal)["name"]
            with pytest.raises(CustomerForgotten):
                personal.open(session, zeb.id, zeb.sealed_personal)
    finally:
        old.close()


def test_what_is_shown_of_a_forgotten_customer_tells_nothing(town: Town) -> None:
    _lived(town)
    zeb = town.zeb
    officer = town.staff("compliance")
    before = identity.get_customer(town.bank, officer, zeb.id)
    assert before.personal is not None
    assert before.aliases == ("zebulon@quixotry.example",)

    _forget(town, zeb.id)

    after = identity.get_customer(town.bank, officer, zeb.id)
    assert (after.state, after.account_status) == ("forgotten", "closed")
    assert (after.personal, after.aliases, after.documents) == (None, (), ())
    [payment] = payments.list_payments(
        town.bank, officer, PaymentFilter(customer_id=zeb.id), ALL
    ).items
    assert payment.details is None
    assert payments.get_payment(town.bank, town.anna.caller, payment.id).details is None
    [withdrawal] = issuance.list_withdrawals(
        town.bank, officer, WithdrawalFilter(customer_id=zeb.id), ALL
    ).items
    assert (withdrawal.payout_to, withdrawal.payout_reference) == (None, None)
    [deposit] = issuance.list_deposits(
        town.bank, officer, DepositFilter(customer_id=zeb.id), ALL
    ).items
    assert deposit.bank_reference is None
    for review in identity.list_reviews(
        town.bank, officer, ReviewFilter(customer_id=zeb.id), ALL
    ).items:
        assert review.note is None


def test_the_movements_of_a_forgotten_customer_stay_in_the_books(town: Town) -> None:
    _lived(town)
    _forget(town, town.zeb.id)
    found = audit.list_events(
        town.bank,
        town.staff("auditor"),
        EventFilter(account=town.zeb.account, name="PaymentSettled"),
        ALL,
    ).items
    assert [event.money for event in found] == [eur("20.00")]
    looks = audit.list_accesses(
        town.bank, town.staff("auditor"), AccessFilter(customer_id=town.zeb.id), ALL
    ).items
    assert looks


def test_a_forgotten_customer_can_neither_call_nor_be_paid(town: Town) -> None:
    zeb = town.welcome("zeb")
    admin = town.staff("admin")
    key = identity.create_api_key(
        town.bank, admin, ask(), ApiKeyDraft(zeb.caller.principal_id)
    ).resource
    assert key.token is not None
    assert identity.authenticate(town.bank, key.token).customer_id == zeb.id
    assert town.paid(town.ben, zeb.id, "1.00").state == "settled"
    town.paid(zeb, town.ben.id, "1.00")
    _forget(town, zeb.id)

    with pytest.raises(ApiKeyExpired):
        identity.authenticate(town.bank, key.token)
    with town.refusal(PayeeUnknown):
        town.pay(town.ben, zeb.id, "1.00")
    with town.refusal(CustomerForgotten):
        town.submit(zeb.id)


def test_who_never_had_an_account_is_forgotten_without_the_chain(town: Town) -> None:
    made = town.customer()
    town.submit(made.id)
    gone = _forget(town, made.id)
    assert (gone.state, gone.operation, gone.personal) == ("forgotten", None, None)


def test_a_customer_can_not_have_others_forgotten(town: Town) -> None:
    made = town.customer()
    with town.refusal(NotFound):
        identity.forget_customer(town.bank, town.anna.caller, ask(), ForgetDraft(made.id))
    _forget(town, made.id)


def _all_bytes(town: Town) -> bytes:
    """Every byte of the database: the files of SQLite, or all rows of PostgreSQL."""
    url = town.bank.store.url
    if town.bank.store.is_sqlite:
        folder = Path(str(url.database)).parent
        return b"".join(path.read_bytes() for path in folder.glob("*.sqlite3*"))
    found = []
    with town.bank.store.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                found += [c if isinstance(c, bytes) else str(c).encode() for c in row]
    return b"\n".join(found)
