"""Addresses of the audit log."""

from django.urls import path

from audit import views

urlpatterns = [
    path("audit/", views.audit_log, name="audit_log"),
    path("audit/export.csv", views.export, name="audit_export"),
    path("audit/anchor/", views.export_anchor, name="audit_anchor"),
    path("audit/verify/", views.verify, name="audit_verify"),
]
