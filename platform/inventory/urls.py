"""Addresses of the model inventory."""

from django.urls import path

from inventory.views import inventory_entry, inventory_file, inventory_list

urlpatterns = [
    path("model-inventory/", inventory_list, name="inventory_list"),
    path("model-inventory.<str:form>", inventory_file, name="inventory_file"),
    path("models/<int:pk>/inventory/", inventory_entry, name="inventory_entry"),
]
