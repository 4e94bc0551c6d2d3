"""Brings the demonstration's loyalty programme about through the public API."""

from wallet_chain.cli.demo_asking import Asking
from wallet_chain.cli.world import WORLD
from wallet_chain.cli.world_loyalty import GIFTS, PROGRAMME, PURCHASES


def open_programme(asking: Asking) -> int:
    """The programme with its pool and what is earned in it; answers with its number."""
    merchant = asking.keys.customers[PROGRAMME.merchant]
    made = asking.ask(
        "operator",
        "programme",
        "/v1/programmes",
        {
            "name": PROGRAMME.name,
            "kind": "merchant",
            "owner_customer_id": merchant.id,
            "points": PROGRAMME.points,
            "worth": {"amount": PROGRAMME.worth, "currency": "EUR"},
            "months": PROGRAMME.months,
            "transferable": True,
        },
    )
    path = f"/v1/programmes/{made['id']}"
    asking.ask(
        PROGRAMME.merchant,
        "programme/earning",
        f"{path}/earning",
        {
            "points": PROGRAMME.earned,
            "per": {"amount": PROGRAMME.per, "currency": "EUR"},
        },
    )
    pool = {"money": {"amount": PROGRAMME.pool, "currency": "EUR"}}
    asking.ask(PROGRAMME.merchant, "programme/pool", f"{path}/deposits", pool)
    return int(made["programme"])


def collect_points(asking: Asking, programme: int) -> None:
    """Purchases that earn and spend points, and points that are given away."""
    for number, purchase in enumerate(PURCHASES, start=1):
        asked = {
            "merchant": WORLD.names[PROGRAMME.merchant].alias,
            "money": {"amount": purchase.amount, "currency": "EUR"},
            "details": purchase.details,
            "programme": programme,
            "points": purchase.points,
        }
        asking.ask(purchase.payer, f"purchase/{number}", "/v1/purchases", asked)
    for gift in GIFTS:
        asked = {
            "programme": str(programme),
            "payee": WORLD.names[gift.payee].alias,
            "points": gift.points,
        }
        step = f"points/{gift.giver}/{gift.payee}"
        asking.ask(gift.giver, step, "/v1/points/transfers", asked)
