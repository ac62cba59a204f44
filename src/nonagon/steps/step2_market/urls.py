"""Addresses of the room, below /c/<key>/market/."""

from django.urls import path

from nonagon.steps.step2_market import views

urlpatterns = [
    path("", views.page, name="page"),
]
