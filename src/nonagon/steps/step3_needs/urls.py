"""Addresses of the room, below /c/<key>/needs/."""

from django.urls import path

from nonagon.steps.step3_needs import views

urlpatterns = [
    path("", views.page, name="page"),
    path("tree/", views.tree, name="tree"),
    path("verbatims/", views.verbatims, name="verbatims"),
    path("queue/", views.queue, name="queue"),
    path("code/", views.code, name="code"),
    path("merge/", views.merge, name="merge"),
    path("split/", views.split, name="split"),
    path("remove/", views.remove, name="remove"),
    path("seal/", views.seal, name="seal"),
    path("open/", views.open_seal, name="open"),
]
