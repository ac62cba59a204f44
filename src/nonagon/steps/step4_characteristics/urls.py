"""Addresses of the room, below /c/<key>/characteristics/."""

from django.urls import path

from nonagon.steps.step4_characteristics import views

urlpatterns = [
    path("", views.page, name="page"),
    path("preview", views.preview, name="preview"),
    path("pairs", views.pairs, name="pairs"),
]
