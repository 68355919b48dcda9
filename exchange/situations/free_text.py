"""What must not be written in free text: whatever names a person to a machine. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from exchange.kernel.errors import InvalidValue

LONGEST_FREE_TEXT = 300
_GAP = r"[\s.\-_/]?"


class Identifying(StrEnum):
    """Why a text is refused; also the code of the rule."""

    NIR = "no-nir"
    EMAIL = "no-email"
    PHONE = "no-phone"


_NIR = re.compile(
    # Sex, year, month (20 to 42 and 50 to 99 where the month is unknown), departement, commune, order, key.
    rf"(?<!\d)[123478]{_GAP}\d{{2}}{_GAP}(?:0[1-9]|1[0-2]|[2-9]\d){_GAP}(?:\d{{2}}|2[ab]){_GAP}"
    rf"\d{{3}}{_GAP}\d{{3}}(?:{_GAP}\d{{2}})?(?!\d)",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"[\w.+\-]+\s?(?:@|\(at\)|\[at\]|\(arobase\)|\[arobase\]|\sarobase\s)\s?[\w\-]+\s?(?:\.|\spoint\s|\(point\))\s?[\w.\-]+",
    re.IGNORECASE,
)
_DATE = r"\d{2}[./\-]\d{2}[./\-](?:19|20)\d{2}"
_PHONE = re.compile(
    # A date followed by an hour has ten digits too, and says nothing of a telephone.
    rf"(?<![\d+])(?!{_DATE})0{_GAP}[1-9](?:{_GAP}\d{{2}}){{4}}(?!\d)"
    r"|(?<!\d)(?:\+|00)[\s.\-]?\d{1,3}(?:[\s.\-()]{0,2}\d){8,12}(?!\d)"
)


def identifying_in(text: str) -> Identifying | None:
    """Return the kind of identifier that a text holds: social security number (NIR), e-mail address or telephone.

    Full-width digits, invisible and non-breaking spaces are read as what they show.
    """
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) not in ("Cf", "Mn")
    )
    for kind, pattern in ((Identifying.NIR, _NIR), (Identifying.EMAIL, _EMAIL), (Identifying.PHONE, _PHONE)):
        if pattern.search(plain):
            return kind
    return None


def check_free_text(text: str, field: str) -> None:
    """Raise `InvalidValue` naming the field and the rule: `too-long`, `no-nir`, `no-email` or `no-phone`."""
    if len(text) > LONGEST_FREE_TEXT:
        raise InvalidValue(field=field, rule="too-long", most=LONGEST_FREE_TEXT)
    found = identifying_in(text)
    if found is not None:
        raise InvalidValue(field=field, rule=found.value)


def note_of(text: str | None, field: str = "note") -> str | None:
    """Return a note as it is kept, nothing for a blank one. Raises as `check_free_text`."""
    if text is None or not text.strip():
        return None
    check_free_text(text, field)
    return text.strip()
