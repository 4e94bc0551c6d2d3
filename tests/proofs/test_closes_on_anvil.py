"""A node that truly prunes: anvil with a history of a few states."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.chains import START, anvil
from tests.founding import populate, settings_in
from tests.proofs.asking import lives, statement, trust_of
from tests.proofs.test_closes import close_of, closes, midnight, next_day
from tests.town import Cast, StillClock, Town
from wallet_chain import proofs
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.errors import ProofUnavailable
from wallet_chain.ledger.rpc import Calls, NodeConnection
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.proofs.drafts import BalanceProof
from wallet_chain.verifier import verify

FUNDER = "0x" + "33" * 32
STATES = "3"
"""So many blocks back anvil knows the state."""


class InTime:
    """A line to anvil whose blocks have the town's time."""

    def __init__(self, rpc: NodeConnection, clock: StillClock) -> None:
        self._rpc, self._clock = rpc, clock

    def call(self, method: str, params: list[object]) -> object:
        self._mind([method])
        return self._rpc.call(method, params)

    def batch(self, calls: Calls) -> list[object]:
        self._mind([method for method, _ in calls])
        return self._rpc.batch(calls)

    def _mind(self, methods: list[str]) -> None:
        if {"evm_mine", "eth_sendRawTransaction"} & set(methods):
            self._rpc.call("anvil_setTime", [self._clock()])


@pytest.mark.anvil
def test_what_anvil_has_pruned_is_proven_by_the_close(tmp_path: Path) -> None:
    clock = StillClock()
    with anvil("--prune-history", STATES, "--timestamp", str(START - 100)) as node:
        node.call("anvil_setBalance", [LocalSigner.from_hex(FUNDER).address, hex(10**24)])
        settings = settings_in(tmp_path).model_copy(update={"funder_key": SecretStr(FUNDER)})
        bank = open_bank(settings, clock=clock, rpc=InTime(node, clock), start=False)
        try:
            town = Town(bank, clock, Cast())
            populate(town)
            lives(town)
            next_day(town)
            opened = midnight(town)
            proofs.close_days(bank)
            next_day(town)
            closed = midnight(town)
            proofs.close_days(bank)
            for _ in range(2 * int(STATES)):
                town.wait(60)
            between = closes(town)[0].block_number - 1
            query = BalanceProof(town.anna.account, "EUR", block_number=between)
            with pytest.raises(ProofUnavailable) as caught:
                proofs.prove_balance(bank, town.staff("auditor"), query)
            assert caught.value.code == "proof_unavailable"
            for evidence in ("receipts", "heads"):
                day = {"time_from": opened, "time_to": closed - 1, "evidence": evidence}
                proven = statement(town, **day)
                report = verify(proven, trust_of(town, closes(town)[0].block_number))
                assert (report.verdict, report.detail) == ("VALID", "")
                assert [line["amount"] for line in report.facts["lines"]] == ["100"]
            for taken in closes(town):
                report = verify(close_of(town, taken), trust_of(town, taken.block_number))
                assert (report.verdict, report.detail) == ("VALID", "")
        finally:
            close_bank(bank)
