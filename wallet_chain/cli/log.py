"""`wallet-chain log`, `witness` and `verify-fact`: the transparency log, from both sides."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from wallet_chain import witness as witnesses
from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.options import Key, Rows, Url, api
from wallet_chain.cli.terminal import err, out, refuse, says_errors, show_json, show_table
from wallet_chain.clock import pause, system_clock, to_iso
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.verifier import Invalid, read_trust
from wallet_chain.verifier.__main__ import verify_file
from wallet_chain.witness import Refused, read_key
from wallet_chain.witness.notes import COSIGNER, LOG

app = typer.Typer(no_args_is_help=True, help="The transparency log of facts that no chain has.")
witness = typer.Typer(no_args_is_help=True, help="Watch a log, and vouch that it only grows.")

Folder = Annotated[Path, typer.Option("--folder", help="The witness's own: its key and its state.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]

_FOLDER = Path("witness")
_ANCHORED = to_hex(keccak256(b"Anchored(uint32,uint64,bytes32)"))


@app.command(epilog="Example: wallet-chain log show")
@says_errors
def show(url: Url = None, key: Key = None) -> None:
    """Show the log's name, verifier key and size, and its latest checkpoint."""
    client = api(url, key)
    told = client.get("/v1/audit/log")
    if told["checkpoint_size"] is not None:
        told["checkpoint"] = client.get("/v1/audit/log/checkpoint")
    show_json(told)


@app.command(epilog="Example: wallet-chain log entries --kind review_decided")
@says_errors
def entries(
    kind: Annotated[str | None, typer.Option(help="Of this kind only.")] = None,
    subject: Annotated[str | None, typer.Option(help="About this only, like rev_...")] = None,
    rows: Rows = 50,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON objects.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List entries with what they commit to (compliance, auditor)."""
    path = "/v1/audit/log/entries"
    found = list(api(url, key).pages(path, rows=rows, kind=kind, subject=subject))
    if json_:
        show_json(found)
        return
    for entry in found:
        entry["at"] = to_iso(entry["at"])
    columns = {"index": "Index", "at": "Time", "kind": "Kind", "subject": "About"}
    show_table(found, columns)


@app.command(epilog="Example: wallet-chain log prove 41 --out fact.json")
@says_errors
def prove(
    index: Annotated[int, typer.Argument(help="The entry's place, from 0.", show_default=False)],
    size: Annotated[int | None, typer.Option(help="At the checkpoint of this size.")] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="Leave out the record that the leaf commits to.")
    ] = False,
    out_: Out = Path("fact.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Take an entry home: leaf, proof and, for roles that may see it, the record."""
    client = api(url, key)
    told = client.get(f"/v1/audit/log/inclusion/{index}", size=size)
    fact = {name: told[name] for name in ("leaf", "proof")}
    if not closed:
        [entry] = client.get("/v1/audit/log/entries", index_from=index, index_to=index)["items"]
        if entry["record_text"] is not None:
            fact |= {"record": entry["record_text"], "salt": entry["salt"]}
    _write(out_, json.dumps(fact, indent=2) + "\n")


@says_errors
def verify_fact(
    file: Annotated[Path, typer.Argument(help="The fact.", show_default=False)],
    log: Annotated[str, typer.Option("--log", help="The log's verifier key.")],
    known: Annotated[
        list[str] | None, typer.Option("--witness", help="A witness's verifier key; repeat it.")
    ] = None,
    quorum: Annotated[int, typer.Option(help="How many of them have to have cosigned.")] = 0,
    anchor: Annotated[
        Path | None,
        typer.Option("--anchor", help="The bundle of an anchor's event; needs --trust."),
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="What you trust of the chain: trust.json.")
    ] = None,
) -> None:
    """Check a fact offline: it is in the log, who vouches for the log, and what it says.

    With an anchor also that a block of the chain notes the log's root. Exit code 0: proven, 1: not,
    2: a file can't be read.
    """
    try:
        fact = json.loads(file.read_bytes())
        leaf, proof = str(fact["leaf"]), str(fact["proof"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        err.print(f"{file} is no fact: {error}", markup=False)
        raise typer.Exit(2) from error
    told = _checked(fact, leaf, proof, log, known or [], quorum)
    if anchor is not None:
        told["anchor"] = _anchored(anchor, trust, told["size"], told["root"])
    show_json(told)


@witness.command(epilog="Example: wallet-chain witness make --name auditor.example/w1 --log ...")
@says_errors
def make(
    name: Annotated[str, typer.Option(help="Its name, like auditor.example/w1.")],
    log: Annotated[str, typer.Option(help="The log's verifier key; not from the log alone.")],
    folder: Folder = _FOLDER,
) -> None:
    """Make a witness with a key of its own, and print its verifier key for the bank's settings."""
    try:
        made = witnesses.make_witness(folder, name, log)
    except Refused as refusal:
        refuse(refusal.code, refusal.detail)
    except OSError as error:
        refuse("file_not_written", str(error))
    out.print(str(made.key), markup=False)


@witness.command(epilog="Example: wallet-chain witness watch --every 60")
@says_errors
def watch(
    folder: Folder = _FOLDER,
    every: Annotated[
        int | None, typer.Option(help="Look again after so many seconds; else once.", min=1)
    ] = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Look at the latest checkpoint, and cosign it if the log proves that it only grew.

    A log that took something back is refused with `log_rolled_back`, `log_forked` or
    `log_rewritten`, and both checkpoints are kept in the folder as evidence. It never cosigns again
    what does not continue what it has seen.
    """
    client = api(url, key)
    while True:
        try:
            kept = witnesses.open_witness(folder)
            size = _look(client, kept)
        except Refused as refusal:
            refuse(refusal.code, refusal.detail)
        err.print(f"Cosigned {size} entries.")
        if every is None:
            return
        pause(every)


def _look(client: ApiClient, kept: witnesses.Witness) -> int:
    shown = client.get("/v1/audit/log/checkpoint")

    def proofs(first: int, size: int) -> list[bytes]:
        path = "/v1/audit/log/consistency"
        told = client.get(path, first_size=first, size=size)
        return [bytes.fromhex(each) for each in told["hashes"]]

    line = kept.cosign(shown["note"], proofs, system_clock())
    body = {"size": shown["size"], "line": line}
    client.post("/v1/audit/log/cosignatures", body)
    return int(shown["size"])


def _checked(
    fact: dict[str, Any], leaf: str, proof: str, log: str, known: list[str], quorum: int
) -> dict[str, Any]:
    try:
        trusted = [read_key(each, COSIGNER) for each in known]
        proven = witnesses.check_fact(leaf, proof, read_key(log, LOG), trusted, quorum)
        record = None
        if "record" in fact:
            said = str(fact["record"]), str(fact.get("salt"))
            record = witnesses.check_opening(proven.commitment, *said)
    except Refused as refusal:
        refuse(refusal.code, refusal.detail)
    return {
        "index": proven.index,
        "kind": proven.kind,
        "at": to_iso(proven.at),
        "record": record,
        "log": proven.checkpoint.origin,
        "size": proven.checkpoint.size,
        "root": proven.checkpoint.root.hex(),
        "witnesses": {name: to_iso(at) for name, at in proven.witnesses.items()},
    }


def _anchored(bundle: Path, trust: Path | None, size: int, root: str) -> dict[str, Any]:
    """The block that notes this root, proven by the bundle of its event."""
    if trust is None:
        refuse("no_trust", "An anchor needs a trust file: --trust trust.json.")
    try:
        report = verify_file(bundle, read_trust(json.loads(trust.read_bytes())))
    except (OSError, ValueError, Invalid) as error:
        err.print(str(error), markup=False)
        raise typer.Exit(2) from error
    if report.verdict != "VALID":
        refuse("anchor_not_proven", f"{report.verdict} ({report.code}): {report.detail}")
    facts = report.facts
    said = size.to_bytes(32, "big").hex() + root
    topics = facts.get("topics", [])
    is_anchor = facts.get("contract") == "Anchors" and topics[:1] == [_ANCHORED]
    if not is_anchor or facts["data"] != f"0x{said}":
        refuse("not_anchored", "The bundle proves no anchor of this size and root.")
    return {"day": int(topics[1], 16), "block": int(facts["block"]), "finality": report.finality}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        refuse("file_not_written", str(error))
    err.print(f"{len(text)} bytes written to {path}")
