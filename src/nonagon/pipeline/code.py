"""Which code computes: one fingerprint, so that results of other code are never taken for its own."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

import nonagon

ROOMS_OF_STEPS = (
    "basics",
    "methods",
    "facts",
    "engine",
    "deliverables",
    "imports",
    "charts",
    "steps",
    "pipeline",
)
"""Where a deliverable's numbers and sentences can come from."""

ROOMS_OF_REPORT = (*ROOMS_OF_STEPS, "reports")
"""Where the report can come from."""

WEB_FILES = ("admin", "api", "apps", "forms", "models", "selectors", "services", "urls", "views")
"""Files of a step's room that only the web application reads."""

LIBRARIES = ("altair", "duckdb", "ibis-framework", "numpy", "pydantic", "scipy")
"""Libraries that a number's last digit, or a chart's line, can depend on."""


@cache
def code_version(rooms: tuple[str, ...] = ROOMS_OF_STEPS) -> str:
    """Fingerprint of the release, the source files of `rooms`, Python and the libraries that compute.

    Read once a process.
    """
    package = Path(nonagon.__file__).parent
    return fingerprint_of(package, rooms)


def fingerprint_of(package: Path, rooms: tuple[str, ...]) -> str:
    """The fingerprint of the package that lies in that folder."""
    parts = [nonagon.__version__, platform.python_version(), *(f"{name} {version(name)}" for name in LIBRARIES)]
    digest = hashlib.sha256("\n".join(parts).encode("utf-8"))
    for room in rooms:
        for file in sorted((package / room).rglob("*")):
            if file.is_file() and not _is_apart(file.relative_to(package)):
                digest.update(f"\n{file.relative_to(package).as_posix()}\n".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _is_apart(file: Path) -> bool:
    """Whether a file takes no part in computing: compiled code, the web application's, pages for people."""
    is_of_the_web = file.parts[0] == "steps" and (
        bool({"templates", "static", "migrations", "locale"} & set(file.parts))
        or (len(file.parts) == 3 and file.stem in WEB_FILES)
        or (len(file.parts) > 3 and file.parts[2] in WEB_FILES)
    )
    return is_of_the_web or "__pycache__" in file.parts or file.suffix in {".md", ".pyc"}
