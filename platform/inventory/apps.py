"""Registers the app with Django and what others show of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, menu, offers
        from inventory import audited
        from inventory.menu import ENTRIES

        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        menu.register(*ENTRIES)
        addresses.register_pages("inventory.urls")
        addresses.register_views(inventory="inventory_list")
        label = _("Models and approvals")
        addresses.register_operations("inventory.api.router", tag="registry", label=label, weight=43)
        offers.register(offers.Offer("model.acts", "inventory/_lead.html", weight=10))
