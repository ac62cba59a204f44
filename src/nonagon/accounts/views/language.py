"""The language of the pages, chosen in the top bar."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.i18n import set_language

from nonagon.accounts import services
from nonagon.accounts.models import Person


def choose(request: HttpRequest) -> HttpResponse:
    """Keeps the language in this browser and, of who is signed in, with the person: for every other browser."""
    answer: HttpResponse = set_language(request)
    chosen = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, Person) and chosen in dict(settings.LANGUAGES):
        services.set_profile(person=request.user, name=request.user.name, language=chosen)
    return answer
