"""Addresses of experiments: set-up, plan, run, results."""

from importlib.util import find_spec

from django.urls import URLPattern, path

from training.views import listing, plan, results, run

EXPERIMENT = "experiments/<int:pk>"

urlpatterns: list[URLPattern] = [
    path("experiments/", listing.experiment_list, name="experiment_list"),
    path(f"{EXPERIMENT}/plan/", plan.experiment_plan, name="experiment_plan"),
    path(f"{EXPERIMENT}/plan/columns/<int:column_pk>/", plan.experiment_plan_column, name="experiment_plan_column"),
    path(f"{EXPERIMENT}/run/", run.experiment_run, name="experiment_run"),
    path(f"{EXPERIMENT}/run/live/", run.experiment_run_live, name="experiment_run_live"),
    path(f"{EXPERIMENT}/run/technical-log/", run.experiment_technical_log, name="experiment_technical_log"),
    path(f"{EXPERIMENT}/run/finish/", run.experiment_finish, name="experiment_finish"),
    path(f"{EXPERIMENT}/run/cancel/", run.experiment_cancel, name="experiment_cancel"),
    path(f"{EXPERIMENT}/run/pause/", run.experiment_pause, name="experiment_pause"),
    path(f"{EXPERIMENT}/run/continue/", run.experiment_continue, name="experiment_continue"),
    path(f"{EXPERIMENT}/run/repeat/", run.experiment_repeat, name="experiment_repeat"),
    path(f"{EXPERIMENT}/run/keep/", run.experiment_keep, name="experiment_keep"),
    path(f"{EXPERIMENT}/run/resume/", run.experiment_resume, name="experiment_resume"),
    path(f"{EXPERIMENT}/run/reopen/", run.experiment_reopen, name="experiment_reopen"),
    path(f"{EXPERIMENT}/result/", results.experiment_result, name="experiment_result"),
    path(f"{EXPERIMENT}/result/standing/", results.experiment_standing, name="experiment_standing"),
    path(f"{EXPERIMENT}/result/leaderboard.csv", results.experiment_leaderboard_csv, name="experiment_leaderboard_csv"),
    path(f"{EXPERIMENT}/why/", results.experiment_why, name="experiment_why"),
    path(f"{EXPERIMENT}/trials/", results.experiment_trials, name="experiment_trials"),
    path(f"{EXPERIMENT}/trials.csv", results.experiment_trials_csv, name="experiment_trials_csv"),
    path(f"{EXPERIMENT}/trials.json", results.experiment_trials_json, name="experiment_trials_json"),
    path(f"{EXPERIMENT}/settings/", results.experiment_settings, name="experiment_settings"),
    path(f"{EXPERIMENT}/report/", results.experiment_report, name="experiment_report"),
    path(f"{EXPERIMENT}/charts/<slug:name>/", results.experiment_chart, name="experiment_chart"),
    path(f"{EXPERIMENT}/charts/<slug:name>.csv", results.experiment_chart_table, name="experiment_chart_table"),
]
if find_spec("training.views.setup"):
    from training.views import data_check, setup

    urlpatterns += setup.urlpatterns + data_check.urlpatterns
