"""Addresses of the list of experiments, and of what people keep of one."""

from django.urls import URLPattern, path

from tracking.views import choosing, cloning, keeping, listing

EXPERIMENT = "experiments/<int:pk>"

urlpatterns: list[URLPattern] = [
    path("experiments/", listing.experiment_list, name="experiment_list"),
    path("experiments/list.csv", choosing.experiment_list_csv, name="experiment_list_csv"),
    path("experiments/chosen/", choosing.experiment_list_chosen, name="experiment_list_chosen"),
    path("experiments/columns/", listing.experiment_list_columns, name="experiment_list_columns"),
    path(f"{EXPERIMENT}/manage/", keeping.experiment_manage, name="experiment_manage"),
    path(f"{EXPERIMENT}/favourite/", keeping.experiment_favourite, name="experiment_favourite"),
    path(f"{EXPERIMENT}/archive/", keeping.experiment_archive, name="experiment_archive"),
    path(f"{EXPERIMENT}/restore/", keeping.experiment_restore, name="experiment_restore"),
    path(f"{EXPERIMENT}/delete/", keeping.experiment_delete, name="experiment_delete"),
    path(f"{EXPERIMENT}/clone/", cloning.experiment_clone, name="experiment_clone"),
]
