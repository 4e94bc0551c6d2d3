"""A process of the product for tests that kill it: the bank with its pipeline, asked through a pipe.

It is forked from a server that has imported everything, so it stands within tens of milliseconds. Its
waits are shortened, nothing else; then it works as ``wallet-chain run`` does, without HTTP before it.
"""

import logging
import os
import resource
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.mutations import MUTATIONS
from tests.chaos.points import Armed, Points, install
from tests.chaos.wishes import Answered, Wish
from wallet_chain import issuance, payments
from wallet_chain.assemble import open_bank
from wallet_chain.bank import Bank
from wallet_chain.clock import system_clock
from wallet_chain.errors import WalletError
from wallet_chain.issuance.drafts import AttestationDraft
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.nodes import Nodes
from wallet_chain.ledger.rpc import NodeConnection
from wallet_chain.money import Money, currency_named
from wallet_chain.payments import PaymentAsk
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.pipeline import engine, lanes, presence, send
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.settings import Settings
from wallet_chain.store import engine as store_engine

_log = logging.getLogger(__name__)

for _name in ("Payments", "Batch", "Issuance", "IdentityRegistry", "TransferPolicy"):
    artifact(_name)


@dataclass(frozen=True)
class Job:
    """All that a worker needs to know; it is sent to its process."""

    settings: dict[str, Any]
    callers: dict[str, Caller]
    payee: str
    attested_at: int
    log: str
    armed: Armed | None = None
    mutation: str | None = None
    clock_file: str = ""
    """Seconds that this process's wall clock is wrong by, if the file says so."""
    hurry: dict[str, float] = field(default_factory=dict)


HURRY: dict[str, tuple[Any, str, float]] = {
    "lease": (lanes, "LEASE_SECONDS", 1),
    "show": (presence, "SHOW_SECONDS", 0.5),
    "gone": (presence, "GONE_SECONDS", 2),
    "retry": (send, "RETRY_SECONDS", 1),
    "resend": (send, "RESEND_SECONDS", 1),
    "recover": (engine, "RECOVER_EVERY_SECONDS", 5.0),
    "after_failure": (engine, "_AFTER_FAILURE_SECONDS", 0.1),
    "busy": (store_engine, "BUSY_SECONDS", 1.0),
}
"""Waits that are shorter in a run: where they stand, and how long they are there."""
RPC_SECONDS = 1.0


class _Worker:
    def __init__(self, connection: Connection, job: Job) -> None:
        self._connection = connection
        self._job = job
        self._telling = threading.Lock()
        self.points = Points(self.tell, job.armed)
        self.points.cut = self._cut_database
        self._pool = ThreadPoolExecutor(4)

    def tell(self, *message: Any) -> None:
        with self._telling:
            self._connection.send(message)

    def run(self) -> None:
        install(self.points)
        if self._job.mutation is not None:
            MUTATIONS[self._job.mutation].plant()
        settings = Settings(_env_file=None, **self._job.settings)  # type: ignore[call-arg]
        urls = (settings.rpc_url, *settings.more_rpc_urls)
        rpc = Nodes([NodeConnection(url, timeout_seconds=RPC_SECONDS) for url in urls])
        rpc.start()
        try:
            bank = open_bank(settings, clock=self._clock, rpc=rpc)
        except WalletError as error:
            self.tell("failed", error.code, error.detail)
            return
        self.tell("opened")
        while (message := self._connection.recv()) != ("stop",):
            self._obey(bank, *message)
        self._pool.shutdown()
        bank.resources.close()
        self.tell("stopped")

    def _obey(self, bank: Bank, what: str, *arguments: Any) -> None:
        if what == "wish":
            self._pool.submit(self._grant, bank, *arguments)
        elif what == "arm":
            self.points.arm(*arguments)
        elif what == "operate":
            self._operate(bank)

    def _operate(self, bank: Bank) -> None:
        """What an operator does after an incident was looked into."""
        status = bank.pipeline.status()
        bank.pipeline.resume()
        for lane in status["lanes"]:
            if lane["halted_reason"] is not None:
                try:
                    # He knows that the database was put back, and that nobody else has the keys.
                    healed = bank.pipeline.heal_lane(
                        lane["address"], lambda _: None, by="operator", accept_unknown=True
                    )
                    self.tell("healed", lane["address"], healed)
                except WalletError as error:
                    self.tell("unhealed", lane["address"], error.detail)
        self.tell("operated", status["problems"])

    def _grant(self, bank: Bank, wish: Wish) -> None:
        try:
            with self.points.labelled("accept"):
                answer = self._ask(bank, wish)
            made = answer.resource
            operation = made.operation.id if wish.kind == "pay" else made.id
            self.tell("answer", wish, Answered(made.id, operation, answer.replayed))
        except WalletError as error:
            self.tell("refused", wish, error.code, error.detail)
        except Exception as defect:  # noqa: BLE001 - the run must report it, whatever it is
            _log.exception("a request failed")
            self.tell("defect", wish, repr(defect))

    def _ask(self, bank: Bank, wish: Wish) -> Any:
        caller = self._job.callers[wish.who]
        amount = wish.amount_minor + wish.different
        body = wish.body | {"amount": amount}
        money = Money(amount, currency_named("EUR"))
        if wish.kind == "attest":
            ask = Ask("POST", "/v1/reserves", body, wish.key)
            draft = AttestationDraft(money, self._job.attested_at, wish.document)
            return issuance.attest_reserves(bank, caller, ask, draft)
        ask = Ask("POST", "/v1/payments", body, wish.key)
        payment = PaymentDraft(self._job.payee, money)
        (made,) = payments.accept_plain(bank, [PaymentAsk(caller, ask, payment)])
        return made or payments.create_payment(bank, caller, ask, payment)

    def _clock(self) -> int:
        try:
            wrong_by = int(Path(self._job.clock_file).read_text("ascii") or 0)
        except (OSError, ValueError):
            wrong_by = 0
        return system_clock() + wrong_by

    def _cut_database(self) -> None:
        url = self._job.settings["database_url"].replace("+psycopg", "", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def main(connection: Connection, job: Job) -> None:
    """Work until told to stop, or until killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.basicConfig(
        filename=job.log, format="%(asctime)s %(process)d %(threadName)s %(name)s %(message)s"
    )
    for name, seconds in job.hurry.items():
        module, constant, _ = HURRY[name]
        setattr(module, constant, seconds)
    worker = _Worker(connection, job)
    try:
        worker.run()
    except (EOFError, BrokenPipeError):
        os._exit(0)
    except BaseException as defect:
        _log.exception("the worker ended")
        worker.tell("failed", "defect", repr(defect))
        raise
