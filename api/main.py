"""The application: every capability's routes, the pages, the documents."""

from functools import partial

from fastapi import FastAPI

from api import audit_page, documents, errors, health, home, metrics, problems
from api.callers import Callers
from api.gathering import Gathering
from api.headers import Envelope
from api.measures import Measures
from api.openapi import document
from api.routes import mount
from api.table import TABLE
from api.throttle import Throttle
from wallet_chain import __version__, payments, transparency
from wallet_chain.bank import Bank

__all__ = ["create_app", "document"]


def create_app(bank: Bank, *, watched_only: bool = False) -> FastAPI:
    """The API of an open bank. Opening and closing the bank is the caller's business.

    ``watched_only`` serves metrics and health alone: for a process that no customer asks.
    """
    app = FastAPI(
        title="Wallet Chain",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.bank = bank
    app.state.traces = bank.traces
    app.state.callers = Callers(bank)
    app.state.refusals = refusals = transparency.Refusals(bank)
    bank.resources.callback(refusals.close)
    app.state.measures = measures = Measures(bank.pipeline.status, bank.pipeline.tally, bank.clock)
    bank.pipeline.followers.append(measures.follow)
    limits = bank.settings
    app.state.throttle = Throttle(limits.rate_limit_per_second, limits.rate_limit_burst)
    app.state.payments = Gathering(
        partial(payments.accept_plain, bank),
        lambda one: payments.create_payment(bank, one.caller, one.ask, one.draft),
        payments.TOGETHER_MAX,
    )
    errors.install(app)
    for routes in (metrics.routes,) if watched_only else TABLE:
        mount(app, routes)
    health.install(app)
    for pages in () if watched_only else (home, audit_page, documents, problems):
        pages.install(app)
    app.add_middleware(Envelope)
    return app
