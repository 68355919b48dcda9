"""Which routes open without signing in. Every other one asks: a test lists these."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

PUBLIC_KEY: Final = "opens_without_login"
PUBLIC: Final[dict[str, Any]] = {PUBLIC_KEY: True}
"""Route option of the sign-in page, of the mailed links and of the assets, and of nothing else."""

FORM_ERROR_STATUS: Final = 422
SIGN_IN_PATH: Final = "/connexion"

SECURITY_HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
            " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }
)
