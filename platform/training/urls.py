"""Addresses of experiments and their runs."""

from django.urls import URLPattern, path

from training.views import charts, run

EXPERIMENT = "experiments/<int:pk>"

urlpatterns: list[URLPattern] = [
    path(f"{EXPERIMENT}/run/", run.experiment_run, name="experiment_run"),
    path(f"{EXPERIMENT}/run/live/", run.experiment_run_live, name="experiment_run_live"),
    path(f"{EXPERIMENT}/run/technical-log/", run.experiment_technical_log, name="experiment_technical_log"),
    path(f"{EXPERIMENT}/run/finish/", run.experiment_finish, name="experiment_finish"),
    path(f"{EXPERIMENT}/run/cancel/", run.experiment_cancel, name="experiment_cancel"),
    path(f"{EXPERIMENT}/run/pause/", run.experiment_pause, name="experiment_pause"),
    path(f"{EXPERIMENT}/run/continue/", run.experiment_continue, name="experiment_continue"),
    path(f"{EXPERIMENT}/run/keep/", run.experiment_keep, name="experiment_keep"),
    path(f"{EXPERIMENT}/run/resume/", run.experiment_resume, name="experiment_resume"),
    path(f"{EXPERIMENT}/run/reopen/", run.experiment_reopen, name="experiment_reopen"),
    path(f"{EXPERIMENT}/charts/best_score/", charts.experiment_best_score, name="experiment_best_score"),
]
