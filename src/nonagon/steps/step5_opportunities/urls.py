"""Addresses of the room, below /c/<key>/opportunities/."""

from django.urls import path

from nonagon.steps.step5_opportunities import views

urlpatterns = [
    path("", views.page, name="page"),
    path("charter/approve", views.approve, name="approve_charter"),
    path("charter/<str:version>/", views.charter, name="charter"),
]
