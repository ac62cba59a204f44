"""Addresses of the room, below /c/<key>/customers/."""

from django.urls import path

from nonagon.steps.step1_customers import views

urlpatterns = [
    path("", views.page, name="page"),
    path("count", views.count, name="count"),
    path("register/", views.register, name="register"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/decide", views.decide_duplicate, name="decide_duplicate"),
]
