"""Addresses of the room, below /c/<key>/improvements/."""

from django.urls import path

from nonagon.steps.step6_improvements import views

urlpatterns = [
    path("", views.page, name="page"),
    path("preview", views.preview, name="preview"),
    path("vault/", views.readers, name="vault"),
    path("vault/admit", views.admit, name="admit"),
    path("vault/outsider", views.admit_outsider, name="admit_outsider"),
    path("vault/remove", views.remove, name="remove_reader"),
]
