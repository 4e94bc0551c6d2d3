"""Deliveries: made at least once each, tried again for days, by a thread of their own.

A delivery that is taken is moved ahead in time in the database before it is made. So whoever dies in
between leaves it to be made again, and two processes don't make it at once. A receiver knows a
repetition by its ``webhook-id``.
"""

import asyncio
import logging
import secrets
import ssl
import threading
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import WalletError
from wallet_chain.logs import facts
from wallet_chain.notify.endpoints import end_endpoint, opened_secret, valid_secrets
from wallet_chain.notify.sending import ATTEMPT_SECONDS_MAX, Messenger, Parcel, Receipt
from wallet_chain.notify.signing import signed_headers
from wallet_chain.store.tables import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wallet_chain.store.writing import table_of

PAUSES_SECONDS = (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between one attempt and the next: all together a little more than three days."""

JITTER = 0.2
"""Each pause is longer by up to this part, so that what failed together does not return together."""

AT_ONCE_MAX = 32
AT_ONCE_PER_ENDPOINT = 4
"""A receiver that is slow must not keep the others waiting."""

_LEASE_SECONDS = 30
_LOOKED_AT = 200
_GONE = 410
_STOP_WITHIN_SECONDS = ATTEMPT_SECONDS_MAX + 5
_log = logging.getLogger(__name__)
_delivery = table_of(WebhookDelivery)
_DUE = (
    _delivery.c.state == "pending",
    _delivery.c.next_at <= bindparam("now"),
    _delivery.c.endpoint_id.not_in(bindparam("busy", expanding=True)),
)
_ANY_DUE = select(_delivery.c.id).where(*_DUE).limit(1)
_ALL_DUE = (
    select(WebhookDelivery)
    .where(*_DUE)
    .order_by(_delivery.c.next_at, _delivery.c.id)
    .limit(_LOOKED_AT)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class _Job:
    delivery_id: str
    endpoint_id: str
    parcel: Parcel


class Deliverer:
    """Makes what is due. ``start`` does it in a thread, ``deliver_due`` once and in this one."""

    def __init__(
        self,
        bank: Bank,
        *,
        tls: ssl.SSLContext | None = None,
        attempt_seconds_max: float = ATTEMPT_SECONDS_MAX,
    ) -> None:
        self._bank = bank
        # Reading the authorities takes longer than a delivery; once is enough.
        self._tls = tls or ssl.create_default_context()
        self._attempt_seconds_max = attempt_seconds_max
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Deliver until ``stop``."""
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let attempts that are under way end; what is not delivered is next time."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_WITHIN_SECONDS)
            self._thread = None

    def deliver_due(self) -> int:
        """Make every delivery that is due now, and answer with how many attempts that took."""
        return asyncio.run(self._deliver(until_idle=True))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._deliver(until_idle=False))
            except WalletError as failure:
                _log.warning("webhooks are not delivered: %s", failure.detail)
            except Exception:  # noqa: BLE001 - a defect in one round must not end the thread
                _log.exception("delivering webhooks failed")
            self._stopping.wait(1.0)

    async def _deliver(self, *, until_idle: bool) -> int:
        messenger = Messenger(
            self._bank.settings.webhook_networks,
            tls=self._tls,
            seconds_max=self._attempt_seconds_max,
        )
        under_way: dict[asyncio.Task[None], str] = {}
        made = 0
        try:
            while not self._stopping.is_set():
                jobs = await asyncio.to_thread(self._take, Counter(under_way.values()))
                made += len(jobs)
                for job in jobs:
                    under_way[asyncio.create_task(self._make(messenger, job))] = job.endpoint_id
                if until_idle and not under_way:
                    break
                if not under_way:
                    await asyncio.sleep(self._bank.settings.poll_seconds)
                    continue
                done, _ = await asyncio.wait(
                    under_way,
                    timeout=self._bank.settings.poll_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in done:
                    del under_way[task]
                    task.result()
        finally:
            if under_way:
                await asyncio.wait(under_way)
            await messenger.close()
        return made

    async def _make(self, messenger: Messenger, job: _Job) -> None:
        receipt = await messenger.send(job.parcel)
        await asyncio.to_thread(self._note, job, receipt)

    def _take(self, under_way: Counter[str]) -> list[_Job]:
        """Deliveries that are due, put off in the database so that nobody else makes them."""
        room = AT_ONCE_MAX - under_way.total()
        if room <= 0:
            return []
        busy = [one for one, count in under_way.items() if count >= AT_ONCE_PER_ENDPOINT]
        now = self._bank.clock()
        due = {"now": now, "busy": busy}
        with self._bank.store.reading() as session:
            if session.scalar(_ANY_DUE, due) is None:
                return []
        taken = Counter(under_way)
        jobs: list[_Job] = []
        with self._bank.store.transaction() as session:
            for row in session.scalars(_ALL_DUE, due):
                if len(jobs) < room and taken[row.endpoint_id] < AT_ONCE_PER_ENDPOINT:
                    taken[row.endpoint_id] += 1
                    row.next_at = now + _LEASE_SECONDS
                    jobs.append(self._job(session, row, now))
        return jobs

    def _job(self, session: Session, row: WebhookDelivery, now: int) -> _Job:
        endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
        event = session.get_one(WebhookEvent, row.event_id)
        keys = [
            opened_secret(self._bank, secret) for secret in valid_secrets(session, endpoint.id, now)
        ]
        body = event.body.encode()
        headers = signed_headers(event.id, now, body, keys)
        return _Job(row.id, endpoint.id, Parcel(endpoint.url, body, headers))

    def _note(self, job: _Job, receipt: Receipt) -> None:
        """Write what came of an attempt, and when the next one is due."""
        now = self._bank.clock()
        with self._bank.store.transaction() as session:
            endpoint = None
            if receipt.status == _GONE:
                # Before the delivery, as whoever ends an endpoint does: two who hear at once that it
                # is gone would wait for each other.
                endpoint = session.get_one(WebhookEndpoint, job.endpoint_id, with_for_update=True)
            row = session.get_one(WebhookDelivery, job.delivery_id, with_for_update=True)
            if row.state != "pending":
                # The endpoint was deleted meanwhile.
                return
            row.attempts += 1
            row.last_status = receipt.status
            row.last_problem = receipt.problem
            told = facts(
                delivery_id=row.id,
                event_id=row.event_id,
                endpoint_id=row.endpoint_id,
                attempt=row.attempts,
                status=receipt.status,
                problem=receipt.problem,
            )
            if receipt.problem is None:
                row.state, row.ended_at = "delivered", now
            elif endpoint is not None:
                end_endpoint(session, endpoint, "gone", now)
            elif row.attempts > len(PAUSES_SECONDS):
                row.state, row.ended_at = "exhausted", now
            else:
                row.next_at = now + _pause_after(row.attempts)
        _log.info("webhook", extra=told)


def _pause_after(attempts: int) -> int:
    seconds = PAUSES_SECONDS[attempts - 1]
    return seconds + secrets.randbelow(int(seconds * JITTER) + 1)
