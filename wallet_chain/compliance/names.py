"""Names compared: what counts as the same, as nearly the same, and as another one.

Case, accents, punctuation, the order of words and, for businesses, the legal form say nothing about
who somebody is, so they are taken away first (Unicode NFKD, then the marks).
"""

import re
import unicodedata

from rapidfuzz import fuzz

MATCH, CLOSE, NO_MATCH = "match", "close_match", "no_match"

CLOSE_MIN = 85
"""From this likeness on, in per cent, a name is close to another: a typing error or two."""

WORDS_MIN = 2
"""A name within a longer one says something only from two words on."""

# Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_INITIALS = re.compile(r"\b(?:\w\.\s?){2,}")
_APOSTROPHES = re.compile(r"['’`ʼ]")
_OTHER = re.compile(r"[\W_]+")

_FORMS = (
    "ab ag aps as asa bhd bsc bv cjsc co company corp corporation cv dd doo eg ev fze fzco gk gmbh"
    " inc incorporated jsc kft kg kgaa kk lda limited llc llp lp ltd ltda mbh nv oao ohg ojsc ooo oy"
    " oyj pao pjsc plc pte pty sa sae sarl sas sdn se snc spa srl sro ug wll zao zrt"
)
LEGAL_FORMS = frozenset(_FORMS.split(" "))
"""Ends of businesses' names in many countries, without dots."""


def words_of(name: str, *, business: bool = False) -> tuple[str, ...]:
    """The words of a name in their common form, sorted; a business's without its legal form."""
    apart = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
    plain = _INITIALS.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", plain)
    words = _OTHER.sub(" ", _APOSTROPHES.sub("", plain)).split()
    if business:
        words = [word for word in words if word not in LEGAL_FORMS] or words
    return tuple(sorted(words))


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How alike two names are that ``words_of`` gave, in per cent, rounded down.

    A name of at least two words that is all within the other one counts as the same.
    """
    if not one or not other:
        return 0
    first, second = " ".join(one), " ".join(other)
    score = fuzz.ratio(first, second)
    if min(len(one), len(other)) >= WORDS_MIN:
        score = max(score, fuzz.token_set_ratio(first, second))
    return int(score)


def compare(given: str, known: str, *, business: bool = False) -> str:
    """``match``, ``close_match`` or ``no_match``: what a payer wrote against who the payee is.

    Close is a typing error, or a name that lacks some of the words of the other; an initial is not
    close, since whoever knows only that does not know the payee.
    """
    one, other = words_of(given, business=business), words_of(known, business=business)
    if one and one == other:
        return MATCH
    if likeness(one, other) < CLOSE_MIN:
        return NO_MATCH
    return CLOSE
