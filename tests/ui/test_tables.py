"""The tables of a section: how a cell stands."""

from django.template.loader import render_to_string


def table(*rows: list[str], columns: tuple[tuple[str, str], ...]) -> str:
    return render_to_string(
        "ui/table.html",
        {"table": {"caption": "A table", "columns": columns, "rows": rows, "note": "", "origin": ""}},
    )


def test_a_name_is_indented_outside_of_its_own_direction() -> None:
    html = table(["\u2003Leaves on time", "349"], columns=(("need", "text"), ("said by", "number")))
    assert '<th scope="row">\u2003<bdi>Leaves on time</bdi></th>' in html


def test_a_day_is_not_broken_and_a_number_stands_at_the_end() -> None:
    html = table(
        ["Pilot", "2025-08-30", "3"], columns=(("activity", "text"), ("done", "text"), ("days", "number"))
    )
    assert '<td class="date"><bdi>2025-08-30</bdi></td>' in html
    assert '<td class="number"><bdi>3</bdi></td>' in html


def test_a_column_without_a_name_has_no_empty_heading() -> None:
    html = table(["Pilot", "late"], columns=(("activity", "text"), ("", "text")))
    assert html.count('<th scope="col">') == 1
    assert "<td></td></tr></thead>" in html
