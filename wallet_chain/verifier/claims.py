"""What a bundle may claim, and what each claim needs to be proven."""

from collections.abc import Callable
from typing import Any, NamedTuple

from wallet_chain.verifier.canonical import Object, exactly, hexed, in_hex, number, of
from wallet_chain.verifier.crypto import keccak256
from wallet_chain.verifier.evidence import Evidence, Log
from wallet_chain.verifier.finding import require
from wallet_chain.verifier.trust import Contract, Trust

KINDS = (  # noqa: SIM905 - as a list it would fill half a page
    "none mint redemption payment refund direct court_order recovery escrow_in escrow_out"
    " exchange_in exchange_out escrow_return"
).split()
"""Why money moved, by the number that the contract writes."""

_ACCOUNTS, _SUPPLY = 2, 3
"""Where a token keeps accounts (a mapping) and its supply."""
_ATTESTED = 5
"""Where Issuance keeps the reserves that were attested last (a mapping by currency)."""
_HEAD = 19
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")
_ENTRY = keccak256(b"EntryRecorded(bytes32,uint8,uint64,uint64)")

Facts = dict[str, Any]
Place = tuple[int, int, int]
"""A block, a transaction in it, and the number of a log there from 1."""


class State(NamedTuple):
    """What a token keeps of an account: balance in minor units, number of entries, history head."""

    balance: int
    entries: int
    head: bytes


class Proof(NamedTuple):
    """What the bundle says, what of it was proven, and what was not."""

    facts: Facts
    proven: list[str]
    not_proven: list[str]


def check_claim(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    """What a claim proves. Raises Invalid or Unproven."""
    kind = claim.get("kind") if isinstance(claim, dict) else None
    known = isinstance(kind, str) and kind in _CHECKS
    require(known, "wrong_form", "The claim is of no known kind.")
    return _CHECKS[str(kind)](claim, evidence, trust)


# --- one event ------------------------------------------------------------------------------------


def _event(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    fields = exactly(claim, "claim", "kind block transaction log address topics data")
    block, index, at = (number(fields[name], name) for name in ("block", "transaction", "log"))
    transaction = evidence.transaction(block, index)
    logs = evidence.logs(block, index)
    require(at < len(logs), "no_such_place", f"The transaction has no log {at}.")
    topics = tuple(hexed(topic, "topic", 32) for topic in of(list, fields["topics"], "topics"))
    said = Log(hexed(fields["address"], "address", 20), topics, hexed(fields["data"], "data"))
    require(logs[at] == said, "event_differs", "The receipt tells of another event at that place.")
    trusted = said.address in trust.contracts
    require(trusted, "unknown_contract", "A contract that is not trusted emitted the event.")
    contract = trust.contracts[said.address]
    evidence.require_code(block, contract)
    facts = _when(evidence, block) | {name: fields[name] for name in ("address", "topics", "data")}
    facts |= transaction | {"contract": contract.name}
    if contract.is_currency and topics[:1] == (_TRANSFER,):
        facts["movement"] = _movement(logs, at, contract)[0]
    happened = (
        f"{contract.name} emitted this event in block {block}, in a transaction that succeeded"
    )
    proven = [happened, "who sent the transaction, and what it calls, by its signature"]
    return Proof(facts, proven, ["that no other event speaks of the same matter"])


# --- one balance ----------------------------------------------------------------------------------


def _balance(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    fields = exactly(claim, "claim", "kind currency account block balance entries head")
    token, account = _whose(fields, trust)
    block, _ = _require_state(fields, "claim", evidence, token, account)
    facts = {name: fields[name] for name in fields if name != "kind"} | _when(evidence, block)
    held = f"what the account held at the end of block {block}, and the head of its history"
    return Proof(facts, [held], ["how the account came by it"])


def _require_state(
    fields: Object, where: str, evidence: Evidence, token: Contract, account: bytes
) -> tuple[int, State]:
    """The contract has at the block what the claim says; answers with both."""
    block, said = number(fields["block"], f"{where}.block"), _state(fields, where)
    found = _stored(evidence, block, token, account)
    require(found == said, "state_differs", f"The contract has another state at block {block}.")
    return block, said


def _stored(evidence: Evidence, block: int, token: Contract, account: bytes) -> State:
    word = evidence.slot(block, token, keccak256(account.rjust(32, b"\x00") + _word(_ACCOUNTS)))
    return State(word & (2**64 - 1), word >> 64 & (2**40 - 1), (word >> 104).to_bytes(_HEAD, "big"))


# --- a statement ----------------------------------------------------------------------------------


def _statement(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    fields = exactly(claim, "claim", "kind evidence currency account closing lines", "opening")
    known = fields["evidence"] in ("receipts", "heads")
    require(known, "wrong_form", "A statement's evidence is receipts or heads.")
    by_receipts = fields["evidence"] == "receipts"
    token, account = _whose(fields, trust)
    facts: Facts = {"currency": token.name, "account": in_hex(account), "lines": []}
    first, state, since = -1, State(0, 0, bytes(_HEAD)), "since the account's first entry"
    if "opening" in fields:
        opening = exactly(fields["opening"], "opening", "block balance entries head")
        first, state = _require_state(opening, "opening", evidence, token, account)
        facts["opening"] = dict(opening) | _when(evidence, first)
        since = f"after block {first}"
    closing = exactly(fields["closing"], "closing", "block balance entries head")
    last = number(closing["block"], "closing.block")
    require(first <= last, "not_in_order", "The statement closes before it opens.")
    place = (first + 1, 0, 0)
    for line in of(list, fields["lines"], "lines"):
        movement, recorded = _line(line, by_receipts), dict[str, int]()
        if by_receipts:
            place, recorded = _happened(line, movement, evidence, token, place, last)
        state = _after(state, movement, account, recorded)
        facts["lines"].append(
            movement | {"balance": str(state.balance), "entry": str(state.entries)}
        )
    right = state == _state(closing, "closing")
    require(right, "history_differs", "The lines do not lead to the closing state: one is wrong.")
    _require_state(closing, "closing", evidence, token, account)
    facts["closing"] = dict(closing) | _when(evidence, last)
    proven = [f"every movement of the account {since} up to block {last}, in order, and no other"]
    if by_receipts:
        return Proof(facts, [*proven, "each line happened, in its block and at its time"], [])
    # The head in the contract is shortened to 152 bits: see decision 5.
    twofold = "that whoever made the movements has not prepared two histories with one head"
    return Proof(facts, proven, ["in which block and when each movement happened", twofold])


def _line(line: Any, by_receipts: bool) -> Facts:
    """The movement that a line tells of."""
    places = "block transaction log " if by_receipts else ""
    fields = exactly(line, "line", f"{places}kind from to amount reference")
    require(fields["kind"] in KINDS, "wrong_form", "A line is of no known kind.")
    number(fields["amount"], "amount")
    for name, size in (("from", 20), ("to", 20), ("reference", 32)):
        hexed(fields[name], name, size)
    return {name: fields[name] for name in ("kind", "from", "to", "amount", "reference")}


def _happened(
    line: Object, said: Facts, evidence: Evidence, token: Contract, before: Place, last: int
) -> tuple[Place, dict[str, int]]:
    """A line's place, after ``before`` and not beyond block ``last``, and its numbers in both histories;
    its block and time are added to what it says."""
    block, index, at = (number(line[name], name) for name in ("block", "transaction", "log"))
    place = (block, index, at + 1)
    ascends = before < place and block <= last
    require(ascends, "not_in_order", "The lines do not ascend within the period.")
    found, recorded = _movement(evidence.logs(block, index), at, token)
    require(found == said, "line_differs", f"Block {block}: the receipt tells of another movement.")
    said |= {"block": str(block), "time": str(evidence.header(block).time)}
    return place, recorded


def _after(state: State, movement: Facts, account: bytes, recorded: dict[str, int]) -> State:
    """The account's state after a movement, as the token computes it; one to itself is two entries."""
    sides = [side for side in ("from", "to") if movement[side] == in_hex(account)]
    require(bool(sides), "not_the_account", "A line does not concern the account.")
    amount = int(movement["amount"])
    for side in sides:
        balance = state.balance + (amount if side == "to" else -amount)
        fits = 0 <= balance < 2**64 and 0 < amount < 2**64
        require(fits, "history_differs", "A line leaves an impossible balance.")
        entries = state.entries + 1
        follows = recorded.get(side, entries) == entries
        require(follows, "history_differs", "A line is missing or in the wrong place.")
        words = state.head.ljust(32, b"\x00") + _word(entries)
        words += _word(KINDS.index(movement["kind"]))
        words += _word(int(movement["from"], 16)) + _word(int(movement["to"], 16))
        words += _word(amount) + bytes.fromhex(movement["reference"][2:])
        state = State(balance, entries, keccak256(words)[:_HEAD])
    return state


def _movement(logs: tuple[Log, ...], at: int, token: Contract) -> tuple[Facts, dict[str, int]]:
    """The movement that starts at a log, and its number in both histories."""
    pair = logs[at : at + 2]
    fits = len(pair) == 2 and all(log.address == token.address for log in pair)
    require(fits, "no_movement", f"Log {at} is no movement of {token.name}.")
    moved, entered = pair
    fits = len(moved.topics) == 3 and moved.topics[0] == _TRANSFER and len(moved.data) == 32
    fits = fits and len(entered.topics) == 2 and entered.topics[0] == _ENTRY
    require(fits and len(entered.data) == 96, "no_movement", f"Log {at} is no movement.")
    kind, *entries = (int.from_bytes(entered.data[at : at + 32], "big") for at in (0, 32, 64))
    require(kind < len(KINDS), "no_movement", "A movement is of no known kind.")
    movement = {"kind": KINDS[kind], "reference": in_hex(entered.topics[1])}
    movement |= {"from": in_hex(moved.topics[1][12:]), "to": in_hex(moved.topics[2][12:])}
    movement |= {"amount": str(int.from_bytes(moved.data, "big"))}
    return movement, dict(zip(("from", "to"), entries, strict=True))


# --- the whole book -------------------------------------------------------------------------------


def _total(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    """All accounts; a contract that the trust file names holds its money in escrow."""
    fields = exactly(claim, "claim", "kind currency block supply accounts", "reserves")
    token = trust.currency(of(str, fields["currency"], "currency"))
    block, supply = number(fields["block"], "block"), number(fields["supply"], "supply")
    found = evidence.slot(block, token, _word(_SUPPLY))
    require(found == supply, "state_differs", "The contract has another supply.")
    customers, escrows, last = 0, dict[str, int](), b""
    for each in of(list, fields["accounts"], "accounts"):
        said = exactly(each, "account", "account balance entries head")
        account, state = hexed(said["account"], "account", 20), _state(said, "account")
        require(account > last, "not_in_order", "The accounts do not ascend.")
        last, stored = account, _stored(evidence, block, token, account)
        require(stored == state, "state_differs", f"{said['account']} holds something else.")
        holder = trust.contracts.get(account)
        if holder is None:
            customers += state.balance
        else:
            evidence.require_code(block, holder)
            escrows[holder.name] = state.balance
    escrowed = sum(escrows.values())
    total = customers + escrowed
    require(total == supply, "total_differs", f"The accounts hold {total} of {supply}.")
    facts = _when(evidence, block) | {"currency": token.name, "supply": str(supply)}
    facts |= {"accounts": str(len(fields["accounts"])), "customers": str(customers)}
    facts |= {"escrowed": str(escrowed), "escrows": {each: str(escrows[each]) for each in escrows}}
    proven = [
        f"what every account held at the end of block {block}: customers hold {customers}, escrows"
        f" hold {escrowed}, together the supply of {supply}"
    ]
    not_proven = ["to whom the contracts owe what they hold in escrow"]
    if "reserves" not in fields:
        return Proof(facts, proven, [*not_proven, "that the bank's reserves cover the supply"])
    amount, as_of = _reserves(fields["reserves"], evidence, trust, block, token)
    require(supply <= amount, "reserves_short", f"Reserves of {amount} were attested for {supply}.")
    age = str(evidence.header(block).time - as_of)
    facts["reserves"] = {"amount": str(amount), "as_of": str(as_of), "age_seconds": age}
    proven.append(f"reserves of {amount}, attested on chain as of {as_of}, cover the supply")
    return Proof(facts, proven, [*not_proven, "that the bank has the reserves that were attested"])


def _reserves(
    said: Any, evidence: Evidence, trust: Trust, block: int, token: Contract
) -> tuple[int, int]:
    """The amount that was attested last for a currency, and its date."""
    fields = exactly(said, "reserves", "amount as_of")
    claimed = tuple(number(fields[name], f"reserves.{name}") for name in ("amount", "as_of"))
    place = keccak256(token.name.encode().ljust(32, b"\x00") + _word(_ATTESTED))
    word = evidence.slot(block, trust.named("Issuance"), place)
    found = (word & (2**128 - 1), word >> 128)
    require(found == claimed, "state_differs", "Other reserves were attested.")
    return found


# --- words ----------------------------------------------------------------------------------------


def _whose(fields: Object, trust: Trust) -> tuple[Contract, bytes]:
    token = trust.currency(of(str, fields["currency"], "currency"))
    return token, hexed(fields["account"], "account", 20)


def _state(fields: Object, where: str) -> State:
    balance, entries = (number(fields[name], f"{where}.{name}") for name in ("balance", "entries"))
    return State(balance, entries, hexed(fields["head"], f"{where}.head", _HEAD))


def _when(evidence: Evidence, block: int) -> Facts:
    header = evidence.header(block)
    return {"block": str(block), "block_hash": in_hex(header.hash), "time": str(header.time)}


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


_CHECKS: dict[str, Callable[[Any, Evidence, Trust], Proof]] = {
    "event": _event,
    "balance": _balance,
    "statement": _statement,
    "total": _total,
}
