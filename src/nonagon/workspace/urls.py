"""Addresses over all nine steps."""

from django.urls import path

from nonagon.workspace.views import archive, audit, cycles, data, decisions, jobs, next_cycle, plan, reports, trace

urlpatterns = [
    path("", cycles.home, name="home"),
    path("o/<slug:slug>/audit/", audit.page, name="organization_audit"),
    path("o/<slug:slug>/audit.csv", audit.csv_file, name="organization_audit_csv"),
    path("cycles/new/", cycles.new, name="new_cycle"),
    path("cycles/import/", archive.bring, name="import_cycle"),
    path("c/<slug:key>/", cycles.page, name="cycle"),
    path("c/<slug:key>/settings/", cycles.settings, name="settings"),
    path("c/<slug:key>/data/", data.page, name="data"),
    path("c/<slug:key>/data/upload", data.upload, name="data_upload"),
    path("c/<slug:key>/data/settle", data.settle, name="data_settle"),
    path("c/<slug:key>/data/map/", data.mapping, name="data_map"),
    path("c/<slug:key>/data/import", data.import_now, name="data_import"),
    path("c/<slug:key>/data/items", data.add_items, name="data_items"),
    path("c/<slug:key>/data/remove-file", data.remove_file, name="data_remove_file"),
    path("c/<slug:key>/data/source/<str:source>/newer", data.newer, name="data_newer"),
    path("c/<slug:key>/data/source/<str:source>/remove", data.remove_source, name="data_remove_source"),
    path("c/<slug:key>/data/rejects/", data.rejects, name="data_rejects"),
    path("c/<slug:key>/data/rejects.csv", data.rejects_csv, name="data_rejects_csv"),
    path("c/<slug:key>/next/", next_cycle.start, name="next_cycle"),
    path("c/<slug:key>/history/", cycles.history, name="history"),
    path("c/<slug:key>/trace/", trace.page, name="trace"),
    path("c/<slug:key>/archive.zip", archive.take, name="archive"),
    path("c/<slug:key>/reports/", reports.page, name="reports"),
    path("c/<slug:key>/reports/make", reports.make, name="make_report"),
    path("c/<slug:key>/reports/<int:job>/", reports.download, name="report"),
    path("c/<slug:key>/improvements/copy.<slug:ending>", plan.own_copy, name="plan_copy"),
    path("c/<slug:key>/improvements/copy", plan.copy_for, name="plan_copy_for"),
    path("c/<slug:key>/jobs/<int:job>/", jobs.progress, name="job"),
    path("c/<slug:key>/jobs/<int:job>/cancel", jobs.cancel, name="cancel_job"),
    path("c/<slug:key>/compute", jobs.compute, name="compute"),
    path("c/<slug:key>/rename", decisions.rename, name="rename"),
    path("c/<slug:key>/<slug:word>/edit", decisions.edit, name="edit"),
    path("c/<slug:key>/<slug:word>/undo", decisions.undo, name="undo"),
    path("c/<slug:key>/<slug:word>/redo", decisions.redo, name="redo"),
    path("c/<slug:key>/<slug:word>/sign", decisions.sign, name="sign"),
    path("c/<slug:key>/<slug:word>/withdraw", decisions.withdraw, name="withdraw"),
]
