"""What the script of step 5 says: key -> sentence; `{places}` are filled in by the script."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "totals": _("{count} chosen. Budget {budget}{of}; benefit a year {low} to {high}, likely {likely}."),
    "of_budget": _(" of {whole}, {left} left"),
    "over_budget": _(" of {whole}: {over} too much"),
    "no_figures": _("The business plan below holds no figures for them yet."),
    "lowest_passed": _("The lowest score is passed over: say why at what you chose instead."),
    "lowest_taken": _("The lowest score, or one that cannot be told apart from it, is taken up."),
    "nothing_chosen": _("Nothing is chosen yet."),
    "set_apart_chosen": _("“{name}” is chosen although it is set apart."),
    "key_choose": _("Opportunities: choose or leave"),
    "sorted": _("Sorted by {column}"),
}


def words() -> dict[str, str]:
    """All of them in the language of the request."""
    return {key: str(sentence) for key, sentence in WORDS.items()}
