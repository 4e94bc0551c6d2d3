"""What the demonstration needs for sending abroad: mid rates, corridors and the providers' terms, a
screening list and beneficiaries."""

from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.demo_asking import Asking, settled
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.own_wallet import sign
from wallet_chain.cli.world import WORLD
from wallet_chain.cli.world_abroad import BENEFICIARIES, CORRIDORS, RATES, RATES_SOURCE, TERMS
from wallet_chain.clock import Clock
from wallet_chain.compliance import sample
from wallet_chain.crossborder.feeding import signed_text
from wallet_chain.crossborder.rates import BASE


def open_corridors(asking: Asking) -> None:
    """Set every corridor, and what its providers ask for."""
    for corridor in CORRIDORS:
        pair = f"{corridor.source}/{corridor.target}"
        asking.ask(
            "admin", f"corridor/{pair}", f"/v1/corridors/{pair}", corridor.body, method="PUT"
        )
    ranges = {(each.source, each.target): each for each in CORRIDORS}
    for terms in TERMS:
        corridor = ranges[terms.source, terms.target]
        asked = {
            "provider_customer_id": asking.keys.customers[terms.provider].id,
            "source_currency": terms.source,
            "target_currency": terms.target,
            "spread_bps": terms.spread_bps,
            "fee_bps": terms.fee_bps,
            "fee_minimum": terms.fee_minimum,
            "smallest": corridor.smallest,
            "largest": corridor.largest,
        }
        step = f"terms/{terms.provider}/{terms.source}/{terms.target}"
        asking.ask("admin", step, "/v1/fee-schedules", asked)


def load_sample(asking: Asking) -> None:
    """Put the screening list of invented entries in force; nobody in the demonstration is on it."""
    asked = {"source": sample.SOURCE, "document": sample.document().decode()}
    asking.ask("compliance", "screening/sample", "/v1/screening-lists", asked)


def add_beneficiaries(asking: Asking) -> None:
    """Let people write down whom they send to; the bank checks the names."""
    for owner, payee, name in BENEFICIARIES:
        asked = {"name": name, "payee": WORLD.names[payee].alias}
        asking.ask(owner, f"beneficiary/{owner}/{payee}", "/v1/beneficiaries", asked)


def refresh_rates(asking: Asking, clock: Clock) -> bool:
    """Hand in the demonstration's mid rates as of now, unless those held are still quoted by.

    Whether they were handed in.
    """
    admin = asking.client("admin")
    held = {line["currency"]: line["fresh"] for line in admin.get("/v1/fx-rates")["items"]}
    if all(held.get(currency) for currency in RATES):
        return False
    _hand_in(admin, asking.client("auditor"), asking.keys, clock())
    return True


def _hand_in(admin: ApiClient, auditor: ApiClient, keys: DemoKeys, as_of: int) -> None:
    chain = auditor.get("/v1/audit/chain")
    typed_data = {
        "domain": {
            "chainId": chain["chain_id"],
            "verifyingContract": chain["contracts"]["TransferPolicy"],
        },
        "primaryType": "Rates",
        "message": {
            "source": RATES_SOURCE,
            "asOf": as_of,
            "base": BASE,
            "rates": signed_text(RATES),
        },
    }
    taken = admin.post(
        "/v1/fx-rates",
        {
            "source": RATES_SOURCE,
            "as_of": as_of,
            "rates": RATES,
            "signature": sign(keys.feeder_key, typed_data),
        },
        wait_seconds=30,
    )
    for operation in taken["operations"]:
        settled(operation, "rates")
