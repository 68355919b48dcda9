"""The API's description as data (OpenAPI 3.1), made as strict as the door: bodies refuse unknown fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

BEARER: Final = "bearer"
BODY_SUFFIX: Final = "Body"
DONE: Final[Mapping[str, str]] = {"200": "Réponse", "201": "Enregistré"}


class StrictDescription(JsonRenderPlugin):
    """Renders what the framework derives from the handlers, completed by what it does not know."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the description as JSON."""
        return super().render(request, completed(openapi_schema))


def completed(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description whose bodies are closed, and whose operations are told in French."""
    components = described["components"]
    schemas = {
        name: {**schema, "additionalProperties": False} if name.endswith(BODY_SUFFIX) else schema
        for name, schema in components["schemas"].items()
    }
    paths = {
        path: {method: _operation(told) if isinstance(told, dict) else told for method, told in item.items()}
        for path, item in described["paths"].items()
    }
    return {**described, "components": {**components, "schemas": schemas}, "paths": paths}


def _operation(told: Mapping[str, Any]) -> dict[str, Any]:
    responses = {
        status: {**response, "description": DONE.get(status, response["description"])}
        for status, response in told["responses"].items()
    }
    return {**told, "summary": told.get("description", told.get("summary", "")), "responses": responses}


def openapi_config() -> OpenAPIConfig:
    """Return the one address of the description: no documentation page, hence nothing asked of an outside host."""
    return OpenAPIConfig(
        title="Entraide",
        version="1",
        description="L'échange de places et de professionnels volontaires entre associations d'un territoire.",
        path="/api/v1/openapi.json",
        render_plugins=[StrictDescription(path="/")],
        components=Components(
            security_schemes={BEARER: SecurityScheme(type="http", scheme="bearer", description="Jeton d'accès")}
        ),
        security=[{BEARER: []}],
        use_handler_docstrings=True,
    )
