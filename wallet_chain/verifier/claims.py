"""What a bundle may claim, and what each claim needs to be proven."""

from typing import Any, NamedTuple

from wallet_chain.verifier.canonical import Object, exactly, hexed, in_hex, numbers, of
from wallet_chain.verifier.crypto import keccak256
from wallet_chain.verifier.evidence import Block, Evidence, Log
from wallet_chain.verifier.finding import require
from wallet_chain.verifier.trust import Contract, Trust

KINDS = (  # noqa: SIM905 - as a list it would fill half a page
    "none mint redemption payment refund direct court_order recovery escrow_in escrow_out"
    " exchange_in exchange_out escrow_return"
).split()
"""Why money moved, by the number that the contract writes."""

_ACCOUNTS, _SUPPLY, _ATTESTED = 2, 3, 5
"""Where a token keeps accounts (a mapping) and its supply, and Issuance the reserves that were attested
last (a mapping by currency)."""
_HEAD = 19
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")
_ENTRY = keccak256(b"EntryRecorded(bytes32,uint8,uint64,uint64)")

Facts = dict[str, Any]
Proof = tuple[Facts, list[str], list[str]]
"""What the bundle says, what of it was proven, and what was not."""


class State(NamedTuple):
    """What a token keeps of an account: balance in minor units, number of entries, history head."""

    balance: int
    entries: int
    head: bytes


# --- one event ------------------------------------------------------------------------------------


def _event(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    fields = exactly(claim, "claim", "kind block transaction log address topics data")
    height, index, at = numbers(fields, "claim", "block transaction log")
    block = evidence[height]
    transaction, logs = block.transaction(index, trust.chain_id), block.logs(index)
    require(at < len(logs), "no_such_place", f"The transaction has no log {at}.")
    topics = tuple(hexed(topic, "topic", 32) for topic in of(list, fields["topics"], "topics"))
    said = Log(hexed(fields["address"], "address", 20), topics, hexed(fields["data"], "data"))
    require(logs[at] == said, "event_differs", "The receipt tells of another event at that place.")
    trusted = said.address in trust.contracts
    require(trusted, "unknown_contract", "A contract that is not trusted emitted the event.")
    contract = trust.contracts[said.address]
    block.require_code(contract)
    facts = _when(block) | {name: fields[name] for name in ("address", "topics", "data")}
    facts |= transaction | {"contract": contract.name}
    if contract.is_currency and topics[:1] == (_TRANSFER,):
        facts["movement"], _ = _movement(logs, at, contract)
    event = f"{contract.name} emitted this event in block {height}, in a transaction that succeeded"
    sender = "who sent the transaction, and what it calls, by its signature"
    return facts, [event, sender], ["that no other event speaks of the same matter"]


# --- one balance ----------------------------------------------------------------------------------


def _balance(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    fields = exactly(claim, "claim", "kind currency account block balance entries head")
    token, account = _whose(fields, trust)
    height, _, facts = _proven_state(fields, "claim", evidence, token, account)
    del facts["kind"]
    held = f"what the account held at the end of block {height}, and the head of its history"
    return facts, [held], ["how the account came by it"]


def _whose(fields: Object, trust: Trust) -> tuple[Contract, bytes]:
    return trust.currency(fields["currency"]), hexed(fields["account"], "account", 20)


def _proven_state(
    fields: Object, where: str, evidence: Evidence, token: Contract, account: bytes
) -> tuple[int, State, Facts]:
    """The contract has at the block what is said; answers with both, and with all as facts."""
    [height], said = numbers(fields, where, "block"), _state(fields, where)
    _require_same(_stored(evidence[height], token, account), said, f"state at block {height}")
    return height, said, dict(fields) | _when(evidence[height])


def _state(fields: Object, where: str) -> State:
    balance, entries = numbers(fields, where, "balance entries")
    return State(balance, entries, hexed(fields["head"], f"{where}.head", _HEAD))


def _stored(block: Block, token: Contract, account: bytes) -> State:
    word = block.slot(token, keccak256(account.rjust(32, b"\x00") + _words(_ACCOUNTS)))
    return State(word & (2**64 - 1), word >> 64 & (2**40 - 1), (word >> 104).to_bytes(_HEAD, "big"))


# --- a statement ----------------------------------------------------------------------------------


def _statement(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    fields = exactly(claim, "claim", "kind evidence currency account closing lines", "opening")
    by_receipts = fields["evidence"] == "receipts"
    known = by_receipts or fields["evidence"] == "heads"
    require(known, "wrong_form", "A statement's evidence is receipts or heads.")
    token, account = _whose(fields, trust)
    facts: Facts = {"currency": token.name, "account": fields["account"], "lines": []}
    first, state, since = -1, State(0, 0, bytes(_HEAD)), "since the account's first entry"
    if "opening" in fields:
        opening = exactly(fields["opening"], "opening", "block balance entries head")
        first, state, facts["opening"] = _proven_state(opening, "opening", evidence, token, account)
        since = f"after block {first}"
    closing = exactly(fields["closing"], "closing", "block balance entries head")
    [last] = numbers(closing, "closing", "block")
    require(first <= last, "not_in_order", "The statement closes before it opens.")
    place: tuple[int, ...] = (first + 1,)
    for line in of(list, fields["lines"], "lines"):
        movement, recorded = _line(line, by_receipts), dict[str, int]()
        if by_receipts:
            before, place = place, tuple(numbers(line, "line", "block transaction log"))
            ascends = before < place and place[0] <= last
            require(ascends, "not_in_order", "The lines do not ascend within the period.")
            recorded = _happened(movement, evidence[place[0]], place, token)
        state = _after(state, movement, account, recorded)
        movement |= {"balance": str(state.balance), "entry": str(state.entries)}
        facts["lines"].append(movement)
    right = state == _state(closing, "closing")
    require(right, "history_differs", "The lines do not lead to the closing state: one is wrong.")
    *_, facts["closing"] = _proven_state(closing, "closing", evidence, token, account)
    proven = [f"every movement of the account {since} up to block {last}, in order, and no other"]
    if by_receipts:
        return facts, [*proven, "each line happened, in its block and at its time"], []
    # The head in the contract is shortened to 152 bits: see decision 5.
    twofold = "that whoever made the movements has not prepared two histories with one head"
    return facts, proven, ["in which block and when each movement happened", twofold]


def _line(line: Any, by_receipts: bool) -> Facts:
    """The movement that a line tells of."""
    places = "block transaction log " if by_receipts else ""
    fields = exactly(line, "line", f"{places}kind from to amount reference")
    require(fields["kind"] in KINDS, "wrong_form", "A line is of no known kind.")
    numbers(fields, "line", "amount")
    for name, size in (("from", 20), ("to", 20), ("reference", 32)):
        hexed(fields[name], f"line.{name}", size)
    return {name: fields[name] for name in ("kind", "from", "to", "amount", "reference")}


def _happened(said: Facts, block: Block, place: tuple[int, ...], token: Contract) -> dict[str, int]:
    """The receipt tells of the movement at a place: its numbers in both histories. Its block and time are
    added to what is said."""
    height, index, at = place
    found, recorded = _movement(block.logs(index), at, token)
    require(found == said, "line_differs", f"Block {height}: its receipt has another movement.")
    said |= {"block": str(height), "time": str(block.header.time)}
    return recorded


def _after(state: State, movement: Facts, account: bytes, recorded: dict[str, int]) -> State:
    """The account's state after a movement, as the token computes it; one to itself is two entries."""
    sides = [side for side in ("from", "to") if movement[side] == in_hex(account)]
    require(bool(sides), "not_the_account", "A line does not concern the account.")
    kind, amount = KINDS.index(movement["kind"]), int(movement["amount"])
    payer, payee, reference = (int(movement[name], 16) for name in ("from", "to", "reference"))
    for side in sides:
        balance = state.balance + (amount if side == "to" else -amount)
        fits = 0 <= balance < 2**64 and 0 < amount < 2**64
        require(fits, "history_differs", "A line leaves an impossible balance.")
        entries = state.entries + 1
        follows = recorded.get(side, entries) == entries
        require(follows, "history_differs", "A line is missing or in the wrong place.")
        entry = _words(entries, kind, payer, payee, amount, reference)
        state = State(balance, entries, keccak256(state.head.ljust(32, b"\x00") + entry)[:_HEAD])
    return state


def _movement(logs: tuple[Log, ...], at: int, token: Contract) -> tuple[Facts, dict[str, int]]:
    """The movement that starts at a log, and its number in both histories."""
    pair = logs[at : at + 2]
    shapes = [(log.address, log.topics[:1], len(log.topics), len(log.data)) for log in pair]
    needed = [(token.address, (_TRANSFER,), 3, 32), (token.address, (_ENTRY,), 2, 96)]
    require(shapes == needed, "no_movement", f"Log {at} is no movement of {token.name}.")
    moved, entered = pair
    kind, payers, payees = (int.from_bytes(entered.data[i : i + 32], "big") for i in (0, 32, 64))
    require(kind < len(KINDS), "no_movement", "A movement is of no known kind.")
    movement = {"kind": KINDS[kind], "reference": in_hex(entered.topics[1])}
    movement |= {"from": in_hex(moved.topics[1][12:]), "to": in_hex(moved.topics[2][12:])}
    movement |= {"amount": str(int.from_bytes(moved.data, "big"))}
    return movement, {"from": payers, "to": payees}


# --- the whole book -------------------------------------------------------------------------------


def _total(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    """All accounts; a contract that the trust file names holds its money in escrow."""
    fields = exactly(claim, "claim", "kind currency block supply accounts", "reserves")
    token = trust.currency(fields["currency"])
    height, supply = numbers(fields, "claim", "block supply")
    block = evidence[height]
    _require_same(block.slot(token, _words(_SUPPLY)), supply, "supply")
    customers, escrowed, escrows, last = 0, 0, dict[str, str](), b""
    for each in of(list, fields["accounts"], "accounts"):
        said = exactly(each, "account", "account balance entries head")
        account, state = hexed(said["account"], "account", 20), _state(said, "account")
        require(account > last, "not_in_order", "The accounts do not ascend.")
        _require_same(_stored(block, token, account), state, f"state of {said['account']}")
        if account in trust.contracts:
            block.require_code(trust.contracts[account])
            escrows[trust.contracts[account].name] = said["balance"]
            escrowed += state.balance
        else:
            customers += state.balance
        last = account
    total = customers + escrowed
    require(total == supply, "total_differs", f"The accounts hold {total} of {supply}.")
    facts = _when(block) | {"currency": token.name, "supply": str(supply), "escrows": escrows}
    facts |= {"customers": str(customers), "escrowed": str(escrowed)}
    facts["accounts"] = str(len(fields["accounts"]))
    proven = [
        f"what every account held at the end of block {height}: customers hold {customers}, escrows"
        f" hold {escrowed}, together the supply of {supply}"
    ]
    not_proven = ["to whom the contracts owe what they hold in escrow"]
    if "reserves" not in fields:
        return facts, proven, [*not_proven, "that the bank's reserves cover the supply"]
    amount, as_of = _reserves(fields["reserves"], block, token, trust)
    require(supply <= amount, "reserves_short", f"Reserves of {amount} were attested for {supply}.")
    facts["reserves"] = fields["reserves"] | {"age_seconds": str(block.header.time - as_of)}
    proven.append(f"reserves of {amount}, attested on chain as of {as_of}, cover the supply")
    return facts, proven, [*not_proven, "that the bank has the reserves that were attested"]


def _reserves(said: Any, block: Block, token: Contract, trust: Trust) -> list[int]:
    """The amount that was attested last for a currency, and its date."""
    claimed = numbers(exactly(said, "reserves", "amount as_of"), "reserves", "amount as_of")
    place = keccak256(token.name.encode().ljust(32, b"\x00") + _words(_ATTESTED))
    word = block.slot(trust.named("Issuance"), place)
    _require_same([word & (2**128 - 1), word >> 128], claimed, "attestation of reserves")
    return claimed


# --- words ----------------------------------------------------------------------------------------


def _when(block: Block) -> Facts:
    at = block.header
    return {"block": str(at.number), "block_hash": in_hex(at.hash), "time": str(at.time)}


def _require_same(stored: object, said: object, what: str) -> None:
    require(stored == said, "state_differs", f"The contract has another {what}.")


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


_CHECKS = {"event": _event, "balance": _balance, "statement": _statement, "total": _total}


def check_claim(claim: Any, evidence: Evidence, trust: Trust) -> Proof:
    """What a claim proves. Raises Invalid or Unproven."""
    kind = of(str, of(dict, claim, "claim").get("kind"), "claim.kind")
    require(kind in _CHECKS, "wrong_form", "The claim is of no known kind.")
    return _CHECKS[kind](claim, evidence, trust)
