"""Style, scripts and icon, served by the application under a path that names their content."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from exchange.web.opening import PUBLIC
from exchange.web.visitor import WebRequest

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: `digest` changes with its content, so that browsers may keep it for ever."""

    name: str
    media_type: str
    content: bytes
    compressed: bytes
    digest: str

    @property
    def path(self) -> str:
        return f"/actifs/{self.digest}/{self.name}"


@cache
def assets() -> Mapping[str, Asset]:
    """Read every asset once: ours, and htmx from its installed package."""
    own = files("exchange.web") / "assets"
    found = {entry.name: entry.read_bytes() for entry in own.iterdir() if entry.is_file()}
    found["htmx.min.js"] = (files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js").read_bytes()
    return MappingProxyType({name: _asset(name, content) for name, content in found.items()})


def asset_path(name: str) -> str:
    """Return the address of an asset, for templates."""
    return assets()[name].path


@get("/actifs/{digest:str}/{name:str}", opt=PUBLIC, include_in_schema=False)
async def serve_asset(request: WebRequest, digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Serve one asset; an address of another version does not exist."""
    asset = assets().get(name)
    if asset is None or asset.digest != digest:
        raise NotFoundException
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        name=name,
        media_type=_TYPES[name.rsplit(".", 1)[-1]],
        content=content,
        compressed=gzip.compress(content, mtime=0),
        digest=sha256(content).hexdigest()[:16],
    )
