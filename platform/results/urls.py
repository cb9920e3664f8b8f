"""Addresses of a finished run: result, all trials, settings, charts and downloads."""

from django.urls import URLPattern, path

from results.views import act, board, charts, result, settings, trials

EXPERIMENT = "experiments/<int:pk>"

urlpatterns: list[URLPattern] = [
    path(f"{EXPERIMENT}/result/", result.experiment_result, name="experiment_result"),
    path(f"{EXPERIMENT}/result/standing/", result.experiment_standing, name="experiment_standing"),
    path(f"{EXPERIMENT}/result/leaderboard.csv", board.experiment_leaderboard_csv, name="experiment_leaderboard_csv"),
    path(f"{EXPERIMENT}/act/", act.experiment_act, name="experiment_act"),
    path(f"{EXPERIMENT}/act/steps/", act.experiment_act_steps, name="experiment_act_steps"),
    path(f"{EXPERIMENT}/trials/", trials.experiment_trials, name="experiment_trials"),
    path(f"{EXPERIMENT}/trials.csv", trials.experiment_trials_csv, name="experiment_trials_csv"),
    path(f"{EXPERIMENT}/trials.json", trials.experiment_trials_json, name="experiment_trials_json"),
    path(f"{EXPERIMENT}/settings/", settings.experiment_settings, name="experiment_settings"),
    path(f"{EXPERIMENT}/charts/<slug:name>/", charts.experiment_chart, name="experiment_chart"),
    path(f"{EXPERIMENT}/charts/<slug:name>.csv", charts.experiment_chart_table, name="experiment_chart_table"),
]
