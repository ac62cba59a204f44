"""What every page knows."""

from typing import Any

from django.http import HttpRequest

from nonagon import __version__


def product(request: HttpRequest) -> dict[str, Any]:
    """The product's version."""
    del request
    return {"product_version": __version__}
