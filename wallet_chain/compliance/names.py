"""Names compared: what counts as the same, as nearly the same, and as another one.

Case, accents, punctuation, the order of words and, for businesses, the legal form say nothing about
who somebody is, so they are taken away first (Unicode NFKD, then the marks).
"""

import re
import unicodedata

from rapidfuzz.distance import OSA

MATCH, CLOSE, NO_MATCH = "match", "close_match", "no_match"

LETTERS_MIN = 2
"""A single letter is an initial."""

SHORT_LETTERS_MAX = 5
"""In a word of so many letters one error is a typing error, in a longer one two are."""

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


def within(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether all words of a name stand in another one: "Ivan Petrov" in "Ivan Sergeyevich Petrov".

    Fewer than two words say nothing; initials are passed over.
    """
    words = {word for word in shorter if len(word) > 1}
    return len(words) >= WORDS_MIN and words <= set(longer)


def compare(given: str, known: str, *, business: bool = False) -> str:
    """``match``, ``close_match`` or ``no_match``: what a payer wrote against who the payee is.

    Close is a typing error in some words, or a name that lacks some of the words of the other. An
    initial is not close to a name, nor is half a name: whoever knows no more does not know the payee.
    """
    one, other = words_of(given, business=business), words_of(known, business=business)
    if one and one == other:
        return MATCH
    near = within(one, other) or within(other, one) or _mistyped(one, other)
    return CLOSE if near else NO_MATCH


def _mistyped(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether each word of one name is, but for a typing error, a word of the other one."""
    if not one or len(one) != len(other):
        return False
    left = list(other)
    for word in one:
        nearest = min(left, key=lambda listed: OSA.distance(word, listed))
        if len(word) < LETTERS_MIN or OSA.distance(word, nearest) > _errors_max(word):
            return False
        left.remove(nearest)
    return True


def _errors_max(word: str) -> int:
    return 1 if len(word) <= SHORT_LETTERS_MAX else 2
