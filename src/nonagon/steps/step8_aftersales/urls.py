"""Addresses of the room, below /c/<key>/aftersales/."""

from django.urls import path

from nonagon.steps.step8_aftersales import views

urlpatterns = [
    path("", views.page, name="page"),
    path("cases/", views.cases, name="cases"),
    path("cases/new/", views.new, name="new_case"),
    path("cases/edit", views.edit_cases, name="edit_cases"),
    path("cases/step", views.take_step, name="take_step"),
    path("cases/low-scores/", views.low_scores, name="low_scores"),
    path("case/<path:case>/", views.case, name="case"),
]
