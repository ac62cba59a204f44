"""Addresses of the room, below /c/<key>/results/."""

from django.urls import path

from nonagon.steps.step9_results import views

urlpatterns = [
    path("", views.page, name="page"),
    path("seal", views.seal, name="seal"),
    path("carry", views.carry, name="carry"),
    path("review/", views.review, name="review"),
    path("review/sign", views.sign_review, name="sign_review"),
]
