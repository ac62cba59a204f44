"""Addresses of the room, below /c/<key>/control/."""

from django.urls import path

from nonagon.steps.step7_control import views

urlpatterns = [
    path("", views.page, name="page"),
    path("explain", views.explain, name="explain"),
    path("deviation", views.deviation, name="deviation"),
    path("measure/", views.measure, name="measure"),
    path("measure/paste", views.paste, name="paste"),
    path("measure/<uuid:typed>/withdraw", views.withdraw, name="withdraw_typed"),
]
