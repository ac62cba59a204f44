"""Addresses of organizations, members, keys, the first setup."""

from django.urls import path

from nonagon.accounts.views import entrance, keys, language, organizations, profile

urlpatterns = [
    path("i18n/setlang/", language.choose, name="set_language"),
    path("setup/", entrance.set_up, name="set_up"),
    path("invitation/<str:secret>/", entrance.invitation, name="invitation"),
    path("profile/", profile.page, name="profile"),
    path("o/new/", organizations.new, name="new_organization"),
    path("o/<slug:slug>/", organizations.overview, name="organization"),
    path("o/<slug:slug>/invite", organizations.invite, name="invite"),
    path("o/<slug:slug>/invitations/<int:invitation>/withdraw", organizations.uninvite, name="uninvite"),
    path("o/<slug:slug>/members/<int:member>/role", organizations.set_role, name="set_role"),
    path("o/<slug:slug>/members/<int:member>/remove", organizations.remove, name="remove_member"),
    path("o/<slug:slug>/settings/", organizations.settings, name="organization_settings"),
    path("o/<slug:slug>/keys/", keys.listed, name="organization_keys"),
    path("o/<slug:slug>/keys/new/", keys.new, name="new_key"),
    path("o/<slug:slug>/keys/<int:key_id>/withdraw", keys.withdraw, name="withdraw_key"),
]
