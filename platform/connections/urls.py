"""Addresses of databases and queries."""

from django.urls import path

from connections import views

urlpatterns = [
    path("data/connections/", views.connection_list, name="connection_list"),
    path("data/connections/new/", views.connection_new, name="connection_new"),
    path("data/connections/<int:pk>/", views.connection_detail, name="connection_detail"),
    path("data/connections/<int:pk>/test/", views.connection_test, name="connection_test"),
    path("data/connections/<int:pk>/delete/", views.connection_delete, name="connection_delete"),
    path("data/query/new/", views.query_new, name="query_new"),
]
