"""Payments to several receivers by one signed order: all of them are paid, or nobody is."""

from wallet_chain.splits.planning import (
    RECEIVERS_MAX,
    Part,
    PreparedSplit,
    SplitTerms,
    place_split,
    prepare_split,
    recheck_split,
    split_plan,
    terms_of,
)

__all__ = [
    "RECEIVERS_MAX",
    "Part",
    "PreparedSplit",
    "SplitTerms",
    "place_split",
    "prepare_split",
    "recheck_split",
    "split_plan",
    "terms_of",
]
