"""Every address of the application. tests/app/test_urls.py holds the permission that each of them needs."""

from django.urls import include, path

from nonagon.steps.step1_customers.urls import urlpatterns as customers
from nonagon.steps.step2_market.urls import urlpatterns as market
from nonagon.steps.step3_needs.urls import urlpatterns as needs
from nonagon.steps.step4_characteristics.urls import urlpatterns as characteristics
from nonagon.steps.step5_opportunities.urls import urlpatterns as opportunities
from nonagon.steps.step6_improvements.urls import urlpatterns as improvements
from nonagon.steps.step7_control.urls import urlpatterns as control
from nonagon.steps.step8_aftersales.urls import urlpatterns as aftersales
from nonagon.steps.step9_results.urls import urlpatterns as results
from nonagon.workspace.api.root import api

STEPS = {
    "customers": customers,
    "market": market,
    "needs": needs,
    "characteristics": characteristics,
    "opportunities": opportunities,
    "improvements": improvements,
    "control": control,
    "aftersales": aftersales,
    "results": results,
}

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("", include("nonagon.accounts.urls")),
    path("", include("nonagon.workspace.urls")),
    *(path(f"c/<slug:key>/{word}/", include((patterns, word))) for word, patterns in STEPS.items()),
]

handler403 = "nonagon.ui.errors.forbidden"
handler404 = "nonagon.ui.errors.missing"
# allauth asks for this one when a limit is reached.
handler429 = "nonagon.ui.errors.too_many"
handler500 = "nonagon.ui.errors.broken"
