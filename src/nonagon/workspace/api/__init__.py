"""The REST API: everything that the pages do, for programs. docs/reference/api.md, /api/v1/openapi.json."""
