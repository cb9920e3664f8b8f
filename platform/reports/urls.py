"""Addresses of validation reports."""

from django.urls import path

from reports.views import reports as views
from reports.views import word_templates

urlpatterns = [
    path("experiments/<int:pk>/reports/", views.candidate_reports, name="candidate_reports"),
    path("models/versions/<int:pk>/reports/", views.version_reports, name="version_reports"),
    path("reports/<int:pk>/file/", views.report_file, name="report_file"),
    path("reports/<int:pk>/line/", views.report_line, name="report_line"),
    path("reports/<int:pk>/cancel/", views.report_cancel, name="report_cancel"),
    path("word-template/", word_templates.word_template, name="word_template"),
    path("word-template/standard.docx", word_templates.word_template_standard, name="word_template_standard"),
    path("word-template/reset/", word_templates.word_template_reset, name="word_template_reset"),
    path("word-template/<int:pk>/line/", word_templates.word_template_line, name="word_template_line"),
    path("word-template/<int:pk>/file/", word_templates.word_template_file, name="word_template_file"),
    path("word-template/<int:pk>/use/", word_templates.word_template_use, name="word_template_use"),
    path(
        "word-template/<int:pk>/trial-<slug:language>.docx",
        word_templates.word_template_trial,
        name="word_template_trial",
    ),
]
