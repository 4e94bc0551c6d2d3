"""What the demonstration says about itself once it is there."""

from rich.markup import escape
from rich.table import Table

from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.terminal import out
from wallet_chain.cli.world import STAFF, WORLD


def greet(keys: DemoKeys, url: str) -> None:
    """Print who lives here with what, a key for each role, and three things to try."""
    out.print()
    out.print(_people(keys, url))
    out.print(_keys(keys))
    out.print(f"The keys are also in {keys.path}; keep that file to yourself.", markup=False)
    out.print()
    out.print("Three things to try, in another terminal:")
    for number, (what, command) in enumerate(things_to_try(keys, url), start=1):
        out.print()
        out.print(f"[bold]{number}. {escape(what)}[/]")
        out.print(command, markup=False)
    out.print()


def _people(keys: DemoKeys, url: str) -> Table:
    operator = ApiClient(url, keys.api_key_of("operator"))
    table = Table(title="Customers of the demonstration", title_justify="left")
    for heading in ("alias", "who", "tier", "holds", "account"):
        table.add_column(heading, overflow="fold")
    for person in WORLD.people:
        customer = keys.customers[person.name]
        held = operator.get(f"/v1/customers/{customer.id}/balances")["balances"]
        holds = [f"{line['balance']['amount']} {line['balance']['currency']}" for line in held]
        table.add_row(
            person.alias,
            f"{person.country}, {person.story}",
            str(person.tier or ""),
            ", ".join(holds),
            customer.account or "",
        )
    operator.close()
    return table


def _keys(keys: DemoKeys) -> Table:
    table = Table(title="API keys", title_justify="left")
    table.add_column("for")
    table.add_column("key", overflow="fold")
    for name in ("admin", *STAFF, *keys.customers):
        table.add_row(name, keys.api_key_of(name))
    return table


def things_to_try(keys: DemoKeys, url: str) -> list[tuple[str, str]]:
    """What to try, and a command that works as it stands."""
    anna, auditor = keys.api_key_of("anna"), keys.api_key_of("auditor")
    pay = (
        f"curl -s {url}/v1/payments"
        f" \\\n  -H 'Authorization: Bearer {anna}'"
        " \\\n  -H 'Content-Type: application/json'"
    )
    cup = '{"payee": "@kaffeehaus", "money": {"amount": "4.80", "currency": "EUR"}}'
    much = '{"payee": "@kaffeehaus", "money": {"amount": "1500.00", "currency": "EUR"}}'
    return [
        (
            "Anna pays for a cappuccino; send it twice, it is one payment",
            f"{pay} \\\n  -H 'Idempotency-Key: cappuccino-1' -H 'Prefer: wait=5' \\\n  -d '{cup}'",
        ),
        (
            "She tries more than her tier allows, and is told the limit",
            f"{pay} \\\n  -H 'Idempotency-Key: too-much-1' \\\n  -d '{much}'",
        ),
        (
            "The auditor compares each supply with its reserves",
            f"curl -s {url}/v1/audit/supply -H 'Authorization: Bearer {auditor}'",
        ),
    ]
