"""Addresses of the first page and of what is found."""

from django.urls import path

from shell import views

urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find_page, name="find"),
    path("favicon.ico", views.favicon),
]
