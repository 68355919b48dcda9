"""What is frozen: JSON text written once, read back as what it was, and named by its hash."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import msgspec

Document = TypeVar("Document")


@dataclass(frozen=True, slots=True)
class Frozen:
    """`text`: the JSON document, its keys in the order of its class; `content_hash`: SHA-256 of its UTF-8, in hex."""

    text: str
    content_hash: str


def freeze(document: object) -> Frozen:
    """Return the text and the hash of a document made of frozen dataclasses."""
    encoded = msgspec.json.encode(document)
    return Frozen(encoded.decode(), sha256(encoded).hexdigest())


def thaw(text: str, kind: type[Document]) -> Document:
    """Return a frozen document as its class."""
    return msgspec.json.decode(text, type=kind)
