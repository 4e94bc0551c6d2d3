"""Endpoints: whose they are, how they end, and what is refused."""

import pytest

from tests.notify.receiver import Receiver
from tests.notify.telling import deliver, deliveries, events, listen, states
from tests.town import ALL, Town, ask
from wallet_chain import identity, notify
from wallet_chain.errors import (
    InvalidRequest,
    NotFound,
    WebhookEndpointMissing,
    WebhookUrlRefused,
)
from wallet_chain.identity.drafts import ForgetDraft
from wallet_chain.notify.drafts import EndpointDraft, EventFilter, SecretDraft
from wallet_chain.notify.endpoints import ENDPOINTS_MAX, OVERLAP_SECONDS_MAX


def test_a_ping_arrives_and_says_nothing(town: Town, receiver: Receiver) -> None:
    endpoint = listen(town, town.anna.caller, receiver.url, "payment.settled")
    listen(town, town.anna.caller, f"{receiver.url}/other")
    for number in (1, 2):
        made = notify.ping_endpoint(town.bank, town.anna.caller, ask(), endpoint.id).resource
        assert (made.kind, made.sequence) == ("ping", number)
    assert deliver(town) == 2
    assert endpoint.secret is not None
    assert [one.verified(endpoint.secret)["type"] for one in receiver.got] == ["ping"] * 2
    assert {one.path for one in receiver.got} == {"/hooks"}
    shown = notify.list_deliveries(town.bank, town.anna.caller, made.id)
    assert [(one.state, one.attempts, one.last_status) for one in shown] == [("delivered", 1, 200)]


def test_what_is_deleted_gets_nothing_more_and_can_do_nothing(
    town: Town, receiver: Receiver
) -> None:
    endpoint = listen(town, town.anna.caller, receiver.url)
    town.paid(town.anna, town.shop.account, "1.00")
    for _ in range(2):
        ended = notify.delete_endpoint(town.bank, town.anna.caller, ask(), endpoint.id).resource
        assert (ended.state, ended.waiting, ended.secrets_valid) == ("deleted", 0, 0)
    assert deliver(town) == 0
    assert states(town) == {"dropped": 1}
    assert notify.list_endpoints(town.bank, town.anna.caller, ALL).items == ()
    for refused in (
        lambda: notify.ping_endpoint(town.bank, town.anna.caller, ask(), endpoint.id),
        lambda: notify.rotate_secret(
            town.bank, town.anna.caller, ask(), SecretDraft(endpoint.id, 0)
        ),
        lambda: notify.replay_event(town.bank, town.anna.caller, ask(), events(town)[0].id),
    ):
        with town.refusal(WebhookEndpointMissing):
            refused()


def test_others_neither_see_nor_touch_it(town: Town, receiver: Receiver) -> None:
    endpoint = listen(town, town.anna.caller, receiver.url)
    town.paid(town.anna, town.shop.account, "1.00")
    event = events(town)[0]
    ben = town.ben.caller
    for refused in (
        lambda: notify.get_endpoint(town.bank, ben, endpoint.id),
        lambda: notify.delete_endpoint(town.bank, ben, ask(), endpoint.id),
        lambda: notify.ping_endpoint(town.bank, ben, ask(), endpoint.id),
        lambda: notify.rotate_secret(town.bank, ben, ask(), SecretDraft(endpoint.id, 0)),
        lambda: notify.get_event(town.bank, ben, event.id),
        lambda: notify.list_deliveries(town.bank, ben, event.id),
        lambda: notify.replay_event(town.bank, ben, ask(), event.id),
    ):
        with town.refusal(NotFound):
            refused()
    assert notify.list_endpoints(town.bank, ben, ALL).items == ()
    assert notify.list_events(town.bank, ben, EventFilter(), ALL).items == ()
    # The other side of the payment sees the event, but not whom else it was sent to.
    shop = town.shop.caller
    assert notify.get_event(town.bank, shop, event.id).resource_id == event.resource_id
    assert notify.list_deliveries(town.bank, shop, event.id) == ()
    assert len(notify.list_deliveries(town.bank, town.staff("auditor"), event.id)) == 1


def test_events_are_found_by_resource_and_kind(town: Town, receiver: Receiver) -> None:
    listen(town, town.anna.caller, receiver.url)
    first, second = (town.paid(town.anna, town.shop.account, "1.00") for _ in range(2))
    found = notify.list_events(town.bank, town.anna.caller, EventFilter(), ALL).items
    assert [event.resource_id for event in found] == [second.id, first.id]
    by_id = EventFilter(resource_id=first.id)
    assert len(notify.list_events(town.bank, town.anna.caller, by_id, ALL).items) == 1
    by_kind = EventFilter(kind="payment.refunded")
    assert notify.list_events(town.bank, town.anna.caller, by_kind, ALL).items == ()


@pytest.mark.parametrize(
    ("draft", "kind"),
    [
        (EndpointDraft("https://10.0.0.1/"), WebhookUrlRefused),
        (EndpointDraft("nowhere"), WebhookUrlRefused),
        (EndpointDraft("https://receiver.example/", ("payment.eaten",)), InvalidRequest),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    town: Town, draft: EndpointDraft, kind: type[WebhookUrlRefused]
) -> None:
    with town.refusal(kind):
        notify.create_endpoint(town.bank, town.anna.caller, ask(), draft)


def test_there_is_a_most_of_endpoints(town: Town) -> None:
    for _ in range(ENDPOINTS_MAX):
        listen(town, town.anna.caller, "https://receiver.example/")
    with town.refusal(InvalidRequest):
        listen(town, town.anna.caller, "https://receiver.example/")
    listen(town, town.ben.caller, "https://receiver.example/")


def test_an_overlap_that_is_too_long_is_refused(town: Town) -> None:
    endpoint = listen(town, town.anna.caller, "https://receiver.example/")
    with town.refusal(InvalidRequest):
        draft = SecretDraft(endpoint.id, OVERLAP_SECONDS_MAX + 1)
        notify.rotate_secret(town.bank, town.anna.caller, ask(), draft)


def test_who_is_forgotten_is_told_nothing_and_leaves_no_url(town: Town, receiver: Receiver) -> None:
    mira = town.welcome("mira")
    endpoint = listen(town, mira.caller, f"{receiver.url}/mira")
    notify.ping_endpoint(town.bank, mira.caller, ask(), endpoint.id)
    compliance = town.staff("compliance")
    identity.forget_customer(town.bank, compliance, ask(), ForgetDraft(mira.id))
    seen = notify.get_endpoint(town.bank, town.staff("admin"), endpoint.id)
    assert (seen.state, seen.url) == ("deleted", "")
    assert deliver(town) == 0
    assert [row.state for row in deliveries(town)] == ["dropped"]
