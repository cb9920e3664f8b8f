"""Addresses of submissions and approvals."""

from django.urls import path

from approvals.views.approvals import approval_comparison, approval_detail, approval_list, compare_again
from approvals.views.submissions import gather_again, submit, submit_checks

urlpatterns = [
    path("experiments/<int:pk>/submit/", submit, name="submit"),
    path("experiments/<int:pk>/submit/checks/", submit_checks, name="submit_checks"),
    path("experiments/<int:pk>/submit/gather/", gather_again, name="gather_again"),
    path("approvals/", approval_list, name="approval_list"),
    path("approvals/<int:pk>/", approval_detail, name="approval_detail"),
    path("approvals/<int:pk>/comparison/", approval_comparison, name="approval_comparison"),
    path("approvals/<int:pk>/comparison/again/", compare_again, name="compare_again"),
]
