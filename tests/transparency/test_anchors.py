"""The log's root goes on chain once a day, and contradicts whoever rewrites the log afterwards."""

import json
from pathlib import Path

import orjson
from sqlalchemy import delete, select
from typer.testing import CliRunner

from tests.town import ALL, DAY, Town
from tests.transparency.logs import entries, found, looked_at, rehash, signed, tampering
from wallet_chain import proofs, transparency
from wallet_chain.bank.facts import leaf_of
from wallet_chain.bank.views import PageRequest
from wallet_chain.cli.main import app
from wallet_chain.proofs.drafts import EventProof
from wallet_chain.store.tables import LogCheckpoint, LogEntry, Operation
from wallet_chain.transparency.views import AnchorView


def anchors(town: Town) -> list[AnchorView]:
    return list(transparency.list_anchors(town.bank, town.staff("auditor"), ALL).items)


def next_day(town: Town) -> None:
    """Let a day pass, and what is done by itself be done."""
    town.clock.advance(DAY)
    transparency.anchor_daily(town.bank)
    town.settle()


def test_the_log_is_anchored_once_a_day(town: Town) -> None:
    before = len(anchors(town))
    looked_at(town)
    next_day(town)
    newest, *_ = anchors(town)
    assert len(anchors(town)) == before + 1
    checkpoint = transparency.get_checkpoint(town.bank, town.staff("auditor"), newest.size)
    assert (newest.day, newest.root) == (town.clock() // DAY, checkpoint.root)
    assert town.bank.contracts.read("Anchors", "latest") == (newest.day, newest.size)
    assert town.bank.contracts.read("Anchors", "rootOf", newest.day).hex() == newest.root
    looked_at(town)
    transparency.anchor_daily(town.bank)
    town.settle()
    assert len(anchors(town)) == before + 1
    next_day(town)
    assert len(anchors(town)) == before + 2
    assert anchors(town)[0].size > newest.size
    auditor, paged = town.staff("auditor"), PageRequest(1)
    for expected in anchors(town):
        page = transparency.list_anchors(town.bank, auditor, paged)
        assert page.items == (expected,)
        paged = PageRequest(1, page.next_cursor)
    assert page.next_cursor is None


def test_an_anchor_that_is_under_way_is_not_asked_for_again(town: Town) -> None:
    town.clock.advance(DAY)
    with town.bank.store.reading() as session:
        before = len(session.scalars(select(Operation).where(Operation.kind == "anchor")).all())
    for _ in range(3):
        transparency.anchor_daily(town.bank)
    with town.bank.store.reading() as session:
        after = len(session.scalars(select(Operation).where(Operation.kind == "anchor")).all())
    assert after == before + 1


def test_a_log_rewritten_after_its_anchor_contradicts_the_chain(town: Town) -> None:
    looked_at(town)
    next_day(town)
    assert transparency.verify_anchors(town.bank) == []
    with tampering(town) as session:
        row = session.get_one(LogEntry, 2)
        row.leaf = leaf_of(row.kind, row.at, "5d" * 32)
        session.flush()
        rehash(session)
        session.execute(delete(LogCheckpoint))
    signed(town)
    # The forger holds every key and has signed anew: nothing in the database is wrong by itself.
    assert not any(each.startswith("log_checkpoint") for each in found(town))
    differences = transparency.verify_anchors(town.bank)
    assert [each.where for each in differences] == ["log_anchor"] * len(differences)
    assert str(anchors(town)[0].day) in {each.key for each in differences}


def test_a_fact_is_proven_to_be_in_the_log_that_a_block_notes(town: Town, tmp_path: Path) -> None:
    looked_at(town)
    next_day(town)
    auditor = town.staff("auditor")
    anchor = anchors(town)[0]
    told = transparency.prove_inclusion(town.bank, auditor, 1, anchor.size)
    [entry] = entries(town, index_from=1, index_to=1)
    files = {
        "fact": json.dumps(
            {"leaf": told.leaf, "proof": told.proof}
            | ({} if entry.salt is None else {"record": entry.record_text, "salt": entry.salt})
        ).encode(),
        "anchor": proofs.prove_event(
            town.bank, auditor, EventProof(anchor.transaction_hash, anchor.log_index, None)
        ),
        "trust": proofs.trust_file(town.bank, auditor, anchor.block_number),
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_bytes(content)
    key = transparency.get_log(town.bank, auditor).verifier_key

    def checked(name: str = "fact") -> tuple[int, str]:
        where = [str(tmp_path / f"{each}.json") for each in (name, "anchor", "trust")]
        words = ["verify-fact", where[0], "--log", key, "--anchor", where[1], "--trust", where[2]]
        done = CliRunner().invoke(app, words)
        return done.exit_code, done.output

    code, output = checked()
    assert code == 0, output
    assert orjson.loads(output)["anchor"]["block"] == anchor.block_number
    # At another size the log has another root, which that block does not note.
    looked_at(town, 1)
    later = transparency.prove_inclusion(town.bank, auditor, 1, signed(town).size)
    other = json.dumps({"leaf": later.leaf, "proof": later.proof})
    (tmp_path / "later.json").write_text(other, "utf-8")
    assert checked("later")[1].startswith("not_anchored")
    # Another event of another contract is no anchor.
    (tmp_path / "anchor.json").write_bytes(files["anchor"].replace(b'"log":"0"', b'"log":"1"'))
    assert checked()[0] == 1
