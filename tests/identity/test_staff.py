"""Who may call: principals, their powers on chain, and their API keys."""

import pytest
from sqlalchemy import select

from tests.town import ALL, DAY, Town, ask
from wallet_chain import identity
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    ApiKeyExpired,
    ApiKeyInForce,
    CursorInvalid,
    Forbidden,
    InvalidRequest,
    NotFound,
    ScopeMissing,
    Unauthenticated,
)
from wallet_chain.identity.drafts import ApiKeyDraft, PrincipalDraft, RotationDraft
from wallet_chain.identity.views import ApiKeyView
from wallet_chain.ledger.roles import STAFF_POWERS, role_id
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ApiKey


def _key(town: Town, principal_id: str, **changes: object) -> ApiKeyView:
    draft = ApiKeyDraft(principal_id, **changes)  # type: ignore[arg-type]
    return identity.create_api_key(town.bank, town.staff("admin"), ask(), draft).resource


def _own_key(town: Town) -> ApiKeyView:
    draft = ApiKeyDraft(town.anna.caller.principal_id)
    return identity.create_api_key(town.bank, town.anna.caller, ask(), draft).resource


@pytest.mark.parametrize("role", sorted(STAFF_POWERS))
def test_staff_get_a_key_with_the_powers_of_their_role_and_no_others(town: Town, role: str) -> None:
    draft = PrincipalDraft(role, "desk 7")
    made = identity.create_principal(town.bank, town.staff("admin"), ask(), draft).resource
    assert {grant.state for grant in made.grants} == {"accepted"}
    town.settle()
    seen = identity.get_principal(town.bank, town.staff("admin"), made.id)
    assert {grant.state for grant in seen.grants} == {"settled"}

    every_power = {power for powers in STAFF_POWERS.values() for power in powers}
    held = {
        power
        for power in every_power
        if town.bank.contracts.read(
            "AccessManager", "hasRole", role_id(power), made.signer_address
        )[0]
    }
    assert held == set(STAFF_POWERS[role])


def test_a_principal_of_a_customer_has_no_key_on_chain(town: Town) -> None:
    caller = town.key_to_call(town.anna.id)
    seen = identity.get_principal(town.bank, caller, caller.principal_id)
    assert (seen.customer_id, seen.signer_address, seen.grants) == (town.anna.id, None, ())


@pytest.mark.parametrize(
    "draft",
    [
        PrincipalDraft("king", "desk"),
        PrincipalDraft("operator", ""),
        PrincipalDraft("operator", "x" * 81),
        PrincipalDraft("operator", "desk", "cus_01J00000000000000000000000"),
        PrincipalDraft("customer", "app"),
    ],
)
def test_what_is_no_principal_is_refused(town: Town, draft: PrincipalDraft) -> None:
    with town.refusal(InvalidRequest):
        identity.create_principal(town.bank, town.staff("admin"), ask(), draft)


def test_a_merchants_principal_needs_a_merchant(town: Town) -> None:
    admin = town.staff("admin")
    with town.refusal(InvalidRequest):
        draft = PrincipalDraft("merchant", "till", town.anna.id)
        identity.create_principal(town.bank, admin, ask(), draft)
    with town.refusal(NotFound):
        draft = PrincipalDraft("customer", "app", "cus_01J00000000000000000000000")
        identity.create_principal(town.bank, admin, ask(), draft)
    draft = PrincipalDraft("merchant", "till", town.shop.id)
    assert identity.create_principal(town.bank, admin, ask(), draft).resource.role == "merchant"


def test_an_api_key_calls_as_its_principal(town: Town) -> None:
    made = _key(town, town.anna.caller.principal_id, scopes=("payments:read", "payments:write"))
    assert made.token is not None
    caller = identity.authenticate(town.bank, made.token)
    assert caller == Caller(
        town.anna.caller.principal_id,
        "customer",
        town.anna.id,
        None,
        ("payments:read", "payments:write"),
    )


def test_the_token_is_shown_once_and_only_its_hash_is_kept(town: Town) -> None:
    draft = ApiKeyDraft(town.anna.caller.principal_id)
    admin = town.staff("admin")
    first = identity.create_api_key(town.bank, admin, ask("k"), draft)
    again = identity.create_api_key(town.bank, admin, ask("k"), draft)
    assert first.resource.token is not None
    assert again.replayed
    assert again.resource.id == first.resource.id
    assert again.resource.token is None
    secret = first.resource.token.rsplit("_", 1)[1]
    with town.bank.store.reading() as session:
        row = session.scalars(select(ApiKey).where(ApiKey.id == first.resource.id)).one()
    assert secret not in (row.secret_sha256, row.id)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "",
        lambda token: "Bearer",
        lambda token: token[:-1],
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace("wck_", "xyz_"),
        lambda token: f"wck_{'0' * 26}_{token[-64:]}",
    ],
)
def test_a_token_that_was_not_given_out_is_no_token(town: Town, spoil: object) -> None:
    made = _key(town, town.anna.caller.principal_id)
    assert made.token is not None
    assert identity.authenticate(town.bank, made.token)
    with pytest.raises(Unauthenticated):
        identity.authenticate(town.bank, spoil(made.token))  # type: ignore[operator]


def test_a_key_ends_by_time_and_by_revocation(town: Town) -> None:
    short = _key(town, town.anna.caller.principal_id, valid_seconds=DAY)
    own = ApiKeyDraft(town.anna.caller.principal_id, valid_seconds=10 * DAY)
    longer = identity.create_api_key(town.bank, town.anna.caller, ask(), own).resource
    assert short.token is not None
    assert longer.token is not None
    assert identity.authenticate(town.bank, short.token)
    town.clock.advance(DAY)
    with pytest.raises(ApiKeyExpired):
        identity.authenticate(town.bank, short.token)

    assert identity.authenticate(town.bank, longer.token)
    revoked = identity.revoke_api_key(town.bank, town.staff("admin"), ask(), longer.id).resource
    assert revoked.revoked_at == town.clock()
    with pytest.raises(ApiKeyExpired):
        identity.authenticate(town.bank, longer.token)


def test_a_rotated_key_overlaps_with_its_successor(town: Town) -> None:
    old = _key(town, town.anna.caller.principal_id)
    draft = RotationDraft(old.id, overlap_seconds=60)
    with town.refusal(Forbidden):
        identity.rotate_api_key(town.bank, town.staff("admin"), ask(), draft)
    new = identity.rotate_api_key(town.bank, town.anna.caller, ask(), draft).resource
    assert old.token is not None
    assert new.token is not None
    for token in (old.token, new.token):
        assert identity.authenticate(town.bank, token).customer_id == town.anna.id
    town.clock.advance(60)
    assert identity.authenticate(town.bank, new.token)
    with pytest.raises(ApiKeyExpired):
        identity.authenticate(town.bank, old.token)
    with town.refusal(ApiKeyExpired):
        identity.rotate_api_key(town.bank, town.anna.caller, ask(), draft)


def test_others_help_only_who_has_no_key_in_force(town: Town) -> None:
    first = _key(town, town.anna.caller.principal_id, valid_seconds=DAY)
    for staff in (town.staff("admin"), town.staff("operator")):
        with town.refusal(ApiKeyInForce):
            draft = ApiKeyDraft(town.anna.caller.principal_id)
            identity.create_api_key(town.bank, staff, ask(), draft)
    identity.revoke_api_key(town.bank, town.staff("operator"), ask(), first.id)
    second = _key(town, town.anna.caller.principal_id, valid_seconds=DAY)
    town.clock.advance(DAY)
    assert _key(town, town.anna.caller.principal_id).id != second.id


def test_no_key_gives_away_more_than_it_has(town: Town) -> None:
    narrow = Caller(
        town.anna.caller.principal_id, "customer", town.anna.id, None, ("payments:read",)
    )
    draft = ApiKeyDraft(narrow.principal_id, scopes=("payments:read", "payments:write"))
    with town.refusal(ScopeMissing) as caught:
        identity.create_api_key(town.bank, narrow, ask(), draft)
    assert caught.value.facts["missing"] == ["payments:write"]
    allowed = ApiKeyDraft(narrow.principal_id, scopes=("payments:read",))
    assert identity.create_api_key(town.bank, narrow, ask(), allowed).resource.token


@pytest.mark.parametrize(
    "changes",
    [{"scopes": ()}, {"scopes": ("everything",)}, {"valid_seconds": 0}, {"valid_seconds": 10**9}],
)
def test_what_is_no_key_is_refused(town: Town, changes: dict[str, object]) -> None:
    with town.refusal(InvalidRequest):
        _key(town, town.anna.caller.principal_id, **changes)


def test_keys_are_managed_by_who_may(town: Town) -> None:
    own = town.anna.caller
    for stranger in (town.ben.caller, town.staff("auditor")):
        with town.refusal(NotFound):
            draft = ApiKeyDraft(own.principal_id)
            identity.create_api_key(town.bank, stranger, ask(), draft)
    operator = town.staff("operator")
    made = identity.create_api_key(
        town.bank, operator, ask(), ApiKeyDraft(own.principal_id)
    ).resource
    with town.refusal(NotFound):
        admin_id = town.staff("admin").principal_id
        identity.create_api_key(town.bank, operator, ask(), ApiKeyDraft(admin_id))
    with town.refusal(NotFound):
        identity.revoke_api_key(town.bank, town.ben.caller, ask(), made.id)
    assert identity.revoke_api_key(town.bank, own, ask(), made.id).resource.revoked_at


def test_keys_and_principals_are_listed_in_pages(town: Town) -> None:
    made = [_own_key(town).id for _ in range(3)]
    principal_id = town.anna.caller.principal_id
    first = identity.list_api_keys(town.bank, town.anna.caller, principal_id, PageRequest(limit=2))
    assert first.next_cursor is not None
    rest = identity.list_api_keys(
        town.bank, town.anna.caller, principal_id, PageRequest(2, first.next_cursor)
    )
    assert [key.id for key in (*first.items, *rest.items)] == made[::-1]
    assert rest.next_cursor is None
    assert all(key.token is None for key in first.items)

    everybody = identity.list_principals(town.bank, town.staff("admin"), ALL).items
    assert {"admin", "operator", "customer", "merchant"} <= {one.role for one in everybody}
    mine = identity.list_principals(town.bank, town.anna.caller, ALL).items
    assert [one.id for one in mine] == [principal_id]
    with pytest.raises(NotFound):
        identity.get_principal(town.bank, town.anna.caller, town.ben.caller.principal_id)


def test_a_cursor_works_only_where_it_came_from(town: Town) -> None:
    for _ in range(2):
        _own_key(town)
    principal_id = town.anna.caller.principal_id
    admin = town.staff("admin")
    cursor = identity.list_api_keys(
        town.bank, admin, principal_id, PageRequest(limit=1)
    ).next_cursor
    assert cursor is not None
    assert identity.list_api_keys(town.bank, admin, principal_id, PageRequest(1, cursor)).items
    made_up = cursor.split(".")[0] + "." + "0" * 32
    for spoiled in ("", "x", made_up, cursor[2:]):
        with pytest.raises(CursorInvalid):
            identity.list_api_keys(town.bank, admin, principal_id, PageRequest(1, spoiled))
    with pytest.raises(CursorInvalid):
        identity.list_principals(town.bank, admin, PageRequest(1, cursor))
    for limit in (0, 201, -1):
        with pytest.raises(InvalidRequest):
            identity.list_principals(town.bank, admin, PageRequest(limit))
