"""Say what a payment's gas goes to: ``python -m scripts.gas.profile``.

Executes the steady batch of 100 payments by py-evm's own loop, counts what each contract's
instructions cost, and divides by 100. What a call hands on is the callee's.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from eth.vm.forks.prague.computation import PragueComputation

from scripts.gas.ledger import SIZE, deployed
from scripts.gas.payments import funded, pay_in_batch, payments, register_float
from wallet_chain.ledger.embedded.evm import WalletState

SPENT: Counter[tuple[str, str]] = Counter()
"""Gas by address and instruction."""


class CountingComputation(PragueComputation):
    """py-evm's Prague that notes each instruction's gas."""

    def consume_gas(self, amount: int, reason: str) -> None:
        """As py-evm, and note it."""
        super().consume_gas(amount, reason)
        SPENT[self._place(), reason.split(" ", maxsplit=1)[0]] += amount

    def apply_child_computation(self, child_msg: Any) -> Any:
        """As py-evm; the gas that is handed on is not spent here."""
        SPENT[self._place(), "CALL"] -= child_msg.gas
        return super().apply_child_computation(child_msg)

    def _place(self) -> str:
        return "0x" + bytes(self.msg.code_address or b"").hex()


def main() -> None:
    """Print the table, dearest first."""
    ledger = deployed()
    register_float(ledger)
    payers, payees, _ = funded(ledger)
    pay_in_batch(ledger, payments(ledger, payers, payees, 0))
    orders = payments(ledger, payers, payees, 1)
    WalletState.computation_class = CountingComputation
    total = pay_in_batch(ledger, orders)
    names = {address.lower(): name for name, address in ledger.at.items()}
    found: Counter[tuple[str, str]] = Counter()
    for (place, instruction), gas in SPENT.items():
        merged = "CALL" if instruction.endswith("CALL") else instruction
        merged = "LOG" if instruction.startswith("LOG") else merged
        found[names.get(place, place), merged] += gas
    print(f"{total / SIZE:9.0f}  everything")
    print(
        f"{(total - sum(found.values())) / SIZE:9.0f}  before any instruction: base and call data"
    )
    for place in sorted({place for place, _ in found}):
        rows = {what: gas for (where, what), gas in found.items() if where == place}
        print(f"{sum(rows.values()) / SIZE:9.0f}  {place}")
        for what, gas in sorted(rows.items(), key=lambda row: -row[1]):
            if gas >= 50 * SIZE:
                print(f"{gas / SIZE:17.0f}  {what}")


if __name__ == "__main__":
    main()
