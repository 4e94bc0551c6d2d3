"""Planted bugs. Each is a way in which such a pipeline has gone wrong elsewhere, or easily could; the
harness must find every one of them, else it shows nothing.

They are planted in a worker's process only. Where the database guards against one by itself (a
unique index, a trigger), the guard is taken away with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import planting


@dataclass(frozen=True)
class Mutation:
    """A bug, how it is planted in a worker's process, and which scenario shows it."""

    bug: str
    plant: Callable[[], None]
    scenario: str = "killed"
    database: str = "sqlite"
    workers: int = 1


MUTATIONS: dict[str, Mutation] = {
    "sent_before_commit": Mutation(
        "the bytes are sent before they are committed", planting.sent_before_commit
    ),
    "nonce_from_the_node": Mutation(
        "the node is asked for the next nonce, which nothing keeps unique",
        planting.nonce_from_the_node,
        "forgotten",
    ),
    "no_fence": Mutation(
        "a lane is used without lease and epoch", planting.no_fence, "lost", "postgresql", workers=2
    ),
    "unknown_is_failure": Mutation(
        "a send without an answer counts as failed",
        lambda: planting.when_unknown(planting.state_of_carried("rejected")),
        "lost",
    ),
    "final_overwritten": Mutation(
        "the same, and the block then overwrites the final state",
        planting.final_overwritten,
        "lost",
    ),
    "bound_again": Mutation(
        "after a send without an answer the operation gets another nonce",
        lambda: planting.when_unknown(planting.state_of_carried("accepted")),
        "unseen",
    ),
    "nonce_recycled": Mutation(
        "after a send without an answer the nonce is handed back",
        planting.nonce_recycled,
        "lost",
    ),
    "too_low_is_failure": Mutation(
        "'nonce too low' counts as failed", planting.too_low_is_failure, "unseen"
    ),
    "known_is_refused": Mutation(
        "'already known' counts as refused for good", planting.known_is_refused, "repeated"
    ),
    "roots_unchecked": Mutation(
        "a block's roots are not recomputed", planting.roots_unchecked, "lies"
    ),
    "key_not_compared": Mutation(
        "an idempotency key's content is not compared", planting.key_not_compared, "lost"
    ),
    "request_forgotten": Mutation(
        "a request is not remembered under its key", planting.request_forgotten
    ),
    "answered_before_commit": Mutation(
        "an answer leaves before its commit", planting.answered_before_commit
    ),
    "ended_by_a_second_commit": Mutation(
        "operations end in another transaction than their block's",
        planting.ended_by_a_second_commit,
    ),
    "sent_only_once": Mutation(
        "what the node once took is not sent again", planting.sent_only_once, "forgotten"
    ),
    "count_not_compared": Mutation(
        "a lane goes on when the chain has seen more of it", planting.count_not_compared, "backup"
    ),
    "expired_by_the_own_clock": Mutation(
        "orders expire by the machine's clock", planting.expired_by_the_own_clock, "clock"
    ),
    "blocks_believed_blindly": Mutation(
        "a block need not stand on the one before it", planting.blocks_believed_blindly, "final"
    ),
    "order_left_out": Mutation(
        "an order is noted as carried, but is not in the bytes", planting.order_left_out
    ),
    "version_sent_before_stored": Mutation(
        "another version is sent before it is stored", planting.version_sent_before_stored, "unfit"
    ),
    "rebound_before_the_filler": Mutation(
        "what a filler leaves is bound again before the filler is final",
        planting.rebound_before_the_filler,
        "alone",
    ),
    "last_version_only": Mutation(
        "of a transaction's versions only the newest is recognised",
        planting.last_version_only,
        "older",
    ),
    "replaced_by_other_contents": Mutation(
        "a version with a higher fee has other contents",
        planting.replaced_by_other_contents,
        "dear",
    ),
}
"""All of them, by name."""
