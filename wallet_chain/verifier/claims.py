"""What a bundle may claim, and what each claim needs to be proven."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wallet_chain.verifier.canonical import Object, as_list, exactly, hexed, number, text
from wallet_chain.verifier.crypto import keccak256
from wallet_chain.verifier.evidence import Evidence, Log
from wallet_chain.verifier.finding import Invalid, require
from wallet_chain.verifier.trust import Contract, Trust

KINDS = [
    "none",
    "mint",
    "redemption",
    "payment",
    "refund",
    "direct",
    "court_order",
    "recovery",
    "escrow_in",
    "escrow_out",
    "exchange_in",
    "exchange_out",
    "escrow_return",
]
"""Why money moved, by the number that the contract writes."""

_ACCOUNTS, _SUPPLY = 2, 3
"""Where a token keeps accounts (a mapping) and its supply."""
_ATTESTED = 5
"""Where Issuance keeps the reserves that were attested last (a mapping by currency)."""
_HEAD = 19
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")
_ENTRY = keccak256(b"EntryRecorded(bytes32,uint8,uint64,uint64)")

Facts = dict[str, Any]


@dataclass(frozen=True)
class State:
    """What a token keeps of an account: balance in minor units, number of entries, history head."""

    balance: int
    entries: int
    head: bytes


_STATE = "balance entries head"


def check_claim(claim: Any, evidence: Evidence, trust: Trust) -> tuple[Facts, list[str], list[str]]:
    """The facts, what was proven and what was not. Raises Invalid or Unproven."""
    kind = claim.get("kind") if isinstance(claim, dict) else None
    require(
        isinstance(kind, str) and kind in _CHECKS, "wrong_form", "The claim is of no known kind."
    )
    return _CHECKS[str(kind)](claim, evidence, trust)


# --- one event ------------------------------------------------------------------------------------


def _event(claim: Any, evidence: Evidence, trust: Trust) -> tuple[Facts, list[str], list[str]]:
    fields = exactly(claim, "claim", "kind block transaction log address topics data")
    block, index, at = (number(fields[name], name) for name in ("block", "transaction", "log"))
    transaction = evidence.transaction(block, index)
    logs = evidence.logs(block, index)
    require(at < len(logs), "no_such_place", f"The transaction has no log {at}.")
    log = logs[at]
    said = [hexed(topic, "topic", 32) for topic in as_list(fields["topics"], "topics")]
    right = log == Log(
        hexed(fields["address"], "address", 20), tuple(said), hexed(fields["data"], "data")
    )
    require(right, "event_differs", "The receipt tells of another event at that place.")
    contract = trust.contracts.get(log.address)
    if contract is None:
        raise Invalid("unknown_contract", "A contract that is not trusted emitted the event.")
    evidence.require_code(block, contract)
    facts: Facts = _when(evidence, block) | {
        "contract": contract.name,
        "address": fields["address"],
        "topics": fields["topics"],
        "data": fields["data"],
        "transaction_hash": _hex(transaction.hash),
        "sender": _hex(transaction.sender),
        "to": _hex(transaction.to),
    }
    if contract.is_currency and log.topics[:1] == (_TRANSFER,):
        facts["movement"] = _movement(logs, at, contract)[0]
    proven = [
        f"{contract.name} emitted this event in block {block}, in a transaction that succeeded"
    ]
    proven.append("who sent the transaction, and what it calls, by its signature")
    return facts, proven, ["that no other event speaks of the same matter"]


# --- one balance ----------------------------------------------------------------------------------


def _balance(claim: Any, evidence: Evidence, trust: Trust) -> tuple[Facts, list[str], list[str]]:
    fields = exactly(claim, "claim", f"kind currency account block {_STATE}")
    token, account = _whose(fields, trust)
    block = _require_state(fields, "claim", evidence, token, account)
    facts = {name: fields[name] for name in fields if name != "kind"} | _when(evidence, block)
    proven = [f"what the account held at the end of block {block}, and the head of its history"]
    return facts, proven, ["how the account came by it"]


def _require_state(
    fields: Object, where: str, evidence: Evidence, token: Contract, account: bytes
) -> int:
    """The contract has at the block what the claim says; answers with the block."""
    block, said = number(fields["block"], f"{where}.block"), _state(fields, where)
    found = _stored(evidence, block, token, account)
    require(found == said, "state_differs", f"The contract has another state at block {block}.")
    return block


def _stored(evidence: Evidence, block: int, token: Contract, account: bytes) -> State:
    place = keccak256(account.rjust(32, b"\x00") + _ACCOUNTS.to_bytes(32, "big"))
    word = evidence.slot(block, token, place)
    return State(word & (2**64 - 1), word >> 64 & (2**40 - 1), (word >> 104).to_bytes(_HEAD, "big"))


# --- a statement ----------------------------------------------------------------------------------


def _statement(claim: Any, evidence: Evidence, trust: Trust) -> tuple[Facts, list[str], list[str]]:
    fields = exactly(claim, "claim", "kind evidence currency account closing lines", "opening")
    by_receipts = fields["evidence"] == "receipts"
    known = by_receipts or fields["evidence"] == "heads"
    require(known, "wrong_form", "A statement's evidence is receipts or heads.")
    token, account = _whose(fields, trust)
    first, state = -1, State(0, 0, bytes(_HEAD))
    if "opening" in fields:
        opening = exactly(fields["opening"], "opening", f"block {_STATE}")
        state = _state(opening, "opening")
        first = _require_state(opening, "opening", evidence, token, account)
    closing = exactly(fields["closing"], "closing", f"block {_STATE}")
    last = number(closing["block"], "closing.block")
    require(first <= last, "not_in_order", "The statement closes before it opens.")
    place = (first + 1, 0, 0)
    said: list[Facts] = []
    for line in as_list(fields["lines"], "lines"):
        movement, place = _line(line, evidence, token, by_receipts, place, last)
        state = _after(state, movement, account)
        said.append(movement | {"balance": str(state.balance), "entry": str(state.entries)})
    right = state == _state(closing, "closing")
    require(right, "history_differs", "The lines do not lead to the closing state: one is wrong.")
    _require_state(closing, "closing", evidence, token, account)
    facts: Facts = {"currency": token.name, "account": _hex(account), "lines": said}
    facts |= {"closing": dict(closing) | _when(evidence, last)}
    if first >= 0:
        facts["opening"] = dict(fields["opening"]) | _when(evidence, first)
    since = f"after block {first}" if first >= 0 else "since the account's first entry"
    proven = [f"every movement of the account {since} up to block {last}, in order, and no other"]
    if by_receipts:
        return facts, [*proven, "each line happened, in its block and at its time"], []
    open_points = ["in which block and when each movement happened"]
    # The head in the contract is shortened to 152 bits: see decision 5.
    open_points.append(
        "that whoever made the movements has not prepared two histories with one head"
    )
    return facts, proven, open_points


def _line(
    line: Any,
    evidence: Evidence,
    token: Contract,
    by_receipts: bool,
    before: tuple[int, int, int],
    last: int,
) -> tuple[Facts, tuple[int, int, int]]:
    """The movement of a line and its place, after ``before`` and not beyond block ``last``."""
    places = "block transaction log " if by_receipts else ""
    fields = exactly(line, "line", f"{places}kind from to amount reference")
    said = {name: fields[name] for name in ("kind", "from", "to", "amount", "reference")}
    require(fields["kind"] in KINDS, "wrong_form", "A line is of no known kind.")
    number(fields["amount"], "amount")
    for name, size in (("from", 20), ("to", 20), ("reference", 32)):
        hexed(fields[name], name, size)
    if not by_receipts:
        return said, before
    block, index, at = (number(fields[name], name) for name in ("block", "transaction", "log"))
    place = (block, index, at + 1)
    require(
        before < place and block <= last,
        "not_in_order",
        "The lines do not ascend within the period.",
    )
    found, sequences = _movement(evidence.logs(block, index), at, token)
    require(found == said, "line_differs", f"Block {block}: the receipt tells of another movement.")
    time = str(evidence.header(block).time)
    return said | sequences | {"block": str(block), "time": time}, place


def _after(state: State, movement: Facts, account: bytes) -> State:
    """The account's state after a movement, as the token computes it; one to itself is two entries."""
    sides = [(side, movement[side]) for side in ("from", "to") if movement[side] == _hex(account)]
    require(bool(sides), "not_the_account", "A line does not concern the account.")
    amount = int(movement["amount"])
    for side, _ in sides:
        balance = state.balance + (amount if side == "to" else -amount)
        fits = 0 <= balance < 2**64 and 0 < amount < 2**64
        require(fits, "history_differs", "A line leaves an impossible balance.")
        entries = state.entries + 1
        recorded = movement.pop(f"{side}_entry", str(entries))
        require(
            recorded == str(entries), "history_differs", "A line is missing or in the wrong place."
        )
        words = (
            state.head.ljust(32, b"\x00"),
            entries.to_bytes(32, "big"),
            KINDS.index(movement["kind"]).to_bytes(32, "big"),
            bytes.fromhex(movement["from"][2:]).rjust(32, b"\x00"),
            bytes.fromhex(movement["to"][2:]).rjust(32, b"\x00"),
            amount.to_bytes(32, "big"),
            bytes.fromhex(movement["reference"][2:]),
        )
        state = State(balance, entries, keccak256(b"".join(words))[:_HEAD])
    for side in ("from", "to"):
        movement.pop(f"{side}_entry", None)
    return state


def _movement(logs: tuple[Log, ...], at: int, token: Contract) -> tuple[Facts, Facts]:
    """The movement that starts at a log, and its number in both histories."""
    pair = logs[at : at + 2]
    fits = len(pair) == 2 and all(log.address == token.address for log in pair)
    require(fits, "no_movement", f"Log {at} is no movement of {token.name}.")
    moved, entered = pair
    fits = len(moved.topics) == 3 and moved.topics[0] == _TRANSFER and len(moved.data) == 32
    fits = fits and len(entered.topics) == 2 and entered.topics[0] == _ENTRY
    require(fits and len(entered.data) == 96, "no_movement", f"Log {at} is no movement.")
    kind, from_entry, to_entry = (
        int.from_bytes(entered.data[start : start + 32], "big") for start in (0, 32, 64)
    )
    require(kind < len(KINDS), "no_movement", "A movement is of no known kind.")
    movement = {
        "kind": KINDS[kind],
        "from": _hex(moved.topics[1][12:]),
        "to": _hex(moved.topics[2][12:]),
        "amount": str(int.from_bytes(moved.data, "big")),
        "reference": _hex(entered.topics[1]),
    }
    return movement, {"from_entry": str(from_entry), "to_entry": str(to_entry)}


# --- the whole book -------------------------------------------------------------------------------


def _total(claim: Any, evidence: Evidence, trust: Trust) -> tuple[Facts, list[str], list[str]]:
    """All accounts; a contract that the trust file names holds its money in escrow."""
    fields = exactly(claim, "claim", "kind currency block supply accounts", "reserves")
    token = trust.currency(text(fields["currency"], "currency"))
    block, supply = number(fields["block"], "block"), number(fields["supply"], "supply")
    found = evidence.slot(block, token, _SUPPLY.to_bytes(32, "big"))
    require(found == supply, "state_differs", "The contract has another supply.")
    customers, escrows, last = 0, dict[str, int](), b""
    for each in as_list(fields["accounts"], "accounts"):
        said = exactly(each, "account", f"account {_STATE}")
        account, state = hexed(said["account"], "account", 20), _state(said, "account")
        require(account > last, "not_in_order", "The accounts do not ascend.")
        stored = _stored(evidence, block, token, account)
        require(stored == state, "state_differs", f"{said['account']} holds something else.")
        last = account
        if account in trust.contracts:
            evidence.require_code(block, trust.contracts[account])
            escrows[trust.contracts[account].name] = state.balance
        else:
            customers += state.balance
    escrowed = sum(escrows.values())
    total = customers + escrowed
    require(total == supply, "total_differs", f"The accounts hold {total} of {supply}.")
    facts: Facts = _when(evidence, block) | {
        "currency": token.name,
        "supply": str(supply),
        "accounts": str(len(fields["accounts"])),
        "customers": str(customers),
        "escrowed": str(escrowed),
        "escrows": {name: str(held) for name, held in escrows.items()},
    }
    proven = [
        f"what every account held at the end of block {block}: customers hold {customers}, escrows"
        f" hold {escrowed}, together the supply of {supply}"
    ]
    open_points = ["to whom the contracts owe what they hold in escrow"]
    if "reserves" not in fields:
        return facts, proven, [*open_points, "that the bank's reserves cover the supply"]
    amount, as_of = _reserves(fields["reserves"], evidence, trust, block, token)
    require(supply <= amount, "reserves_short", f"Reserves of {amount} were attested for {supply}.")
    age = str(evidence.header(block).time - as_of)
    facts["reserves"] = {"amount": str(amount), "as_of": str(as_of), "age_seconds": age}
    proven.append(f"reserves of {amount}, attested on chain as of {as_of}, cover the supply")
    return facts, proven, [*open_points, "that the bank has the reserves that were attested"]


def _reserves(
    said: Any, evidence: Evidence, trust: Trust, block: int, token: Contract
) -> tuple[int, int]:
    """The amount that was attested last for a currency, and its date."""
    fields = exactly(said, "reserves", "amount as_of")
    claimed = tuple(number(fields[name], f"reserves.{name}") for name in ("amount", "as_of"))
    key = token.name.encode().ljust(32, b"\x00") + _ATTESTED.to_bytes(32, "big")
    word = evidence.slot(block, trust.named("Issuance"), keccak256(key))
    found = (word & (2**128 - 1), word >> 128)
    require(found == claimed, "state_differs", "Other reserves were attested.")
    return found


# --- words ----------------------------------------------------------------------------------------


def _whose(fields: Object, trust: Trust) -> tuple[Contract, bytes]:
    token = trust.currency(text(fields["currency"], "currency"))
    return token, hexed(fields["account"], "account", 20)


def _state(fields: Object, where: str) -> State:
    balance, entries = (number(fields[name], f"{where}.{name}") for name in ("balance", "entries"))
    return State(balance, entries, hexed(fields["head"], f"{where}.head", _HEAD))


def _when(evidence: Evidence, block: int) -> Facts:
    header = evidence.header(block)
    return {"block": str(block), "block_hash": _hex(header.hash), "time": str(header.time)}


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


_CHECKS: dict[str, Callable[[Any, Evidence, Trust], tuple[Facts, list[str], list[str]]]] = {
    "event": _event,
    "balance": _balance,
    "statement": _statement,
    "total": _total,
}
