"""The command line. Heavy libraries are loaded by the work that needs them."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nonagon import __version__
from nonagon.basics.errors import EXIT_CODES, ArgumentError, InputError, NonagonError

if TYPE_CHECKING:
    from nonagon.reports.formats import FormatName


class _Steps(click.ParamType[tuple[int, ...]]):
    """`3`, `1-5` or `1,3,7-9`."""

    name = "steps"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """The steps in order, each once."""
        found: set[int] = set()
        for part in str(value).split(","):
            read = re.fullmatch(r"\s*([0-9]+)(?:-([0-9]+))?\s*", part)
            if read is None:
                self.fail(f"must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got {value!r}", param, ctx)
            first, last = int(read[1]), int(read[2] or read[1])
            if first < 1 or last > 9:
                self.fail(f"must lie from 1 to 9; got {value!r}", param, ctx)
            if first > last:
                self.fail(f"must run upwards, such as 3-5; got {value!r}", param, ctx)
            found |= set(range(first, last + 1))
        return tuple(sorted(found))


class _Formats(click.ParamType["tuple[FormatName, ...]"]):
    """`html,pdf`: names of formats, each once."""

    name = "formats"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> "tuple[FormatName, ...]":
        """The formats in the order given."""
        from nonagon.reports.formats import format_named

        try:
            return tuple(dict.fromkeys(format_named(part.strip()).name for part in str(value).split(",")))
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


class _Language(click.ParamType[str]):
    """A language that reports can be in."""

    name = "language"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The language; "" leaves it to the cycle."""
        from nonagon.reports.tongue import Tongue

        try:
            return Tongue(str(value)).language if value else ""
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nonagon")
def nonagon() -> None:
    """From what customers say to a measured result: the nine steps of customer quality improvement.

    Start with `nonagon init FOLDER FILE...`, edit the cycle.toml that it writes, and `nonagon run FOLDER`.
    """


@nonagon.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of the data files (default: data_folder of cycle.toml).",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results (default: FOLDER/out).")
@click.option("--steps", type=_Steps(), default="1-9", show_default=True, help="Steps to compute.")
@click.option("--afresh", is_flag=True, help="Compute also what has not changed since an earlier run.")
@click.option("--formats", type=_Formats(), default="html", show_default=True, help="Formats of the report.")
@click.option(
    "--language",
    type=_Language(),
    default="",
    help="Language of the report: en or ar (default: the cycle's, else English).",
)
@click.option("--strict", is_flag=True, help="Exit with 1 when an exit criterion is not met.")
@click.option("--engine", default="duckdb", show_default=True, help="duckdb, local[N] or spark://host:port.")
@click.option("--facts-at", default="", help="Where the engine finds the files of OUT/facts, if not there.")
def run(
    folder: Path,
    data: Path | None,
    out: Path | None,
    steps: tuple[int, ...],
    afresh: bool,
    formats: "tuple[FormatName, ...]",
    language: str,
    strict: bool,
    engine: str,
    facts_at: str,
) -> int:
    """Read the files that FOLDER/cycle.toml names, compute the nine steps, write the report.

    Exit codes: 0 done, 1 criteria unmet with --strict, 2 the input is wrong, 130 stopped by you.
    """
    from nonagon.app.console import console_progress
    from nonagon.engine.backend import Engine
    from nonagon.pipeline.run import run as run_cycle

    where = Engine(engine, facts_at)
    with console_progress() as progress:
        done = run_cycle(
            folder,
            data=data,
            out=out,
            steps=steps,
            afresh=afresh,
            formats=formats,
            language=language,
            engine=where,
            progress=progress,
        )
    click.echo("")
    for state in done.effectiveness.steps:
        mark = "ready" if state.state == "ready" else state.state.replace("_", " ")
        click.echo(f"  {state.step} {state.title:<44} {mark:<12} {state.met} of {state.of} criteria met")
    click.echo("")
    click.echo(done.effectiveness.sentence)
    if done.reused:
        click.echo(f"Unchanged since an earlier run: {_steps_named(done.reused)}; --afresh computes them again.")
    if done.from_earlier:
        click.echo(f"Taken from an earlier run: {_steps_named(done.from_earlier)}.")
    if done.outdated:
        click.echo(f"Computed from other data than now: {_steps_named(done.outdated)}; run without --steps.")
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in done.rejected.items() if count)
    if kinds:
        click.echo(f"Not taken: {kinds}; each row and cell with its reason in {done.out / 'rejects.csv'}")
    click.echo("Deliverables:")
    for file in done.deliverables:
        click.echo(f"  {file}")
    for file in done.reports:
        click.echo(f"Report: {file}")
    for file in done.left_over:
        click.echo(f"Of an earlier run, and not the same: {file}; name it in --formats, or delete it.")
    return 1 if strict and not done.effectiveness.effective else 0


@nonagon.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of the data files (default: data_folder of cycle.toml).",
)
def check(folder: Path, data: Path | None) -> int:
    """Name every mistake in FOLDER at once, with file, line and key; computes nothing."""
    from nonagon.pipeline.check import documents_of, mistakes_in

    mistakes = mistakes_in(folder, data)
    if mistakes:
        raise InputError(mistakes)
    click.echo(
        "Decisions, by step (a file that is not there is no mistake; the step then lacks what it would say):"
    )
    for step, there, missing in documents_of(folder):
        read = ", ".join(there) or "none"
        click.echo(f"  {step} {read}" + (f"; not there: {', '.join(missing)}" if missing else ""))
    click.echo(f"{folder}: no mistakes found")
    return 0


@nonagon.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def init(folder: Path, files: tuple[Path, ...]) -> int:
    """Look at FILES, guess what they hold, and write FOLDER/cycle.toml with comments, to be edited."""
    from nonagon.pipeline.begin import begin, next_commands

    for written in begin(folder, files):
        click.echo(f"wrote {written}")
    click.echo(f"Read and correct {folder / 'cycle.toml'}, then: {next_commands(folder, sys.argv[0])}")
    return 0


@nonagon.command()
@click.argument("database")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--query", required=True, help="SELECT whose rows are fetched.")
def fetch(database: str, file: Path, query: str) -> int:
    """Fetch rows of DATABASE into the Parquet FILE, to be named in cycle.toml.

    DATABASE: postgresql://..., sqlite:///PATH, or env:NAME for the environment variable that holds the address.
    """
    from nonagon.imports.database_reader import fetch as fetch_rows

    click.echo(f"wrote {fetch_rows(database, query, file):,} rows to {file}")
    return 0


@nonagon.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port.")
@click.option(
    "--example",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Bring this cycle folder in, with a user to try it.",
)
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the example's data files.")
def serve(host: str, port: int, example: Path | None, data: Path | None) -> int:
    """Start the web application, with a worker for long work beside it.

    On an empty database it prints a link that works once, with which the first visitor creates the owner.
    """
    from nonagon.app import server

    server.serve(host=host, port=port, example=example, data=data)
    return 0


@nonagon.command()
def worker() -> int:
    """Do the long work of the web application: imports and computations. `serve` starts one by itself."""
    from nonagon.app import server

    server.prepare()
    from nonagon.process.jobs import work_until_signal

    work_until_signal(server=server.started_by())
    return 0


@nonagon.command()
@click.argument("cycle")
def suggest(cycle: str) -> int:
    """Store of which needs the verbatims without one may speak, for who codes by hand in the web application.

    CYCLE: as in the addresses of its pages, /c/CYCLE/. Learns from the tree, the rules and the codes by hand as
    they stand now; what was stored for the same before is not made again, and stopped work goes on.
    """
    from nonagon.app import server

    server.prepare()
    from nonagon.app.console import console_progress
    from nonagon.pipeline.progress import stage
    from nonagon.steps.step3_needs.services import suggest_needs

    with console_progress() as progress, stage(progress, "Suggesting needs", {}):
        found = suggest_needs(key=cycle, tell=progress.advance)
    click.echo(f"{found.read:,} verbatims read; {sum(found.first.values()):,} without a need may speak of one:")
    for need, many in sorted(found.first.items(), key=lambda one: -one[1]):
        click.echo(f"  {many:>10,}  {need}")
    return 0


@nonagon.command()
@click.argument("email")
@click.option("--link", is_flag=True, help="Print a link that works once, for the person to set one of their own.")
@click.option(
    "--base", default="http://localhost:8000", show_default=True, help="Address of the server, for the link."
)
def password(email: str, link: bool, base: str) -> int:
    """Reset the password of the account with the address EMAIL; their sessions end.

    Asks for the new password twice, without showing it; with --link nobody but the person learns it. The audit log
    of their organizations says that it was done here.
    """
    from nonagon.app import server

    server.prepare()
    from nonagon.accounts import console

    person = console.person_with(email)
    if link:
        address = console.password_link(person=person, base=base)
        click.echo(f"For {person.email}, once, within three days (a sign-in before that ends it, too):")
        click.echo(f"  {address}")
        return 0
    new = click.prompt("New password", hide_input=True, confirmation_prompt="The same again")
    console.set_password(person=person, password=new)
    click.echo(f"{person.email} has a new password; everywhere else they are signed out.")
    return 0


def _steps_named(steps: tuple[int, ...]) -> str:
    return f"step{'' if len(steps) == 1 else 's'} {', '.join(str(one) for one in steps)}"


def main() -> None:
    """Entry point: turns errors into messages and exit codes."""
    try:
        code = nonagon.main(prog_name="nonagon", standalone_mode=False)
    except click.exceptions.Abort:
        _stop()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        _stop()
    except InputError as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        count = len(error.mistakes)
        click.echo(f"{count} mistake{'' if count == 1 else 's'}; nothing was written", err=True)
        sys.exit(EXIT_CODES[InputError])
    except NonagonError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 2))
    sys.exit(code or 0)


def _stop() -> None:
    click.echo("\nStopped. What was there before is as it was; run the same command to start again.", err=True)
    sys.exit(130)


if __name__ == "__main__":
    main()
