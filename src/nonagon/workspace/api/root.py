"""The API as one: its entrance, its errors, its operations, its description."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from nonagon import __version__
from nonagon.steps.step1_customers.api import router as customers
from nonagon.steps.step3_needs.api import router as needs
from nonagon.steps.step4_characteristics.api import router as characteristics
from nonagon.steps.step5_opportunities.api import router as opportunities
from nonagon.steps.step6_improvements.api import router as improvements
from nonagon.steps.step7_control.api import router as control
from nonagon.steps.step8_aftersales.api import router as aftersales
from nonagon.steps.step9_results.api import router as results
from nonagon.workspace.api import cycles, data, organizations, plan
from nonagon.workspace.api.entrance import Key, Rate, Session
from nonagon.workspace.api.errors import Error, answer_errors

ERRORS = {
    "400": "The request cannot be read.",
    "401": "No key, or one that opens nothing.",
    "403": "Seen, but not to be done with this role or key.",
    "404": "Not there, or not yours to see.",
    "409": "Somebody changed the same place meanwhile, or the gate stays closed.",
    "413": "Too large.",
    "422": "The values break a rule; `mistakes` says where.",
    "429": "Too many requests.",
}


class Api(NinjaAPI):
    """The API, its errors described at every operation."""

    def get_openapi_schema(self, *given: Any, **more: Any) -> OpenAPISchema:
        """The OpenAPI description."""
        schema = super().get_openapi_schema(*given, **more)
        components = schema["components"].setdefault("schemas", {})
        described = Error.model_json_schema(ref_template="#/components/schemas/{model}")
        components.update(described.pop("$defs", {}))
        components["Error"] = described
        body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, words in ERRORS.items():
                    operation["responses"][status] = {"description": words, "content": body}
        return schema


api = Api(
    title="Nonagon",
    version=__version__,
    description=(
        "Everything that the pages do. Authorize with `Authorization: Bearer nonagon_…`, a key that you make on "
        "your organization's page, or with a browser's session and its CSRF token. Errors have one shape."
    ),
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
    auth=[Key(), Session()],
    throttle=[Rate()],
)
answer_errors(api)
ROOMS = (customers, needs, characteristics, opportunities, improvements, control, aftersales, results)
for router in (organizations.router, plan.router, cycles.router, data.router, *ROOMS):
    api.add_router("", router)
