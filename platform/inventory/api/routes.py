"""Where the operations on the inventory are put."""

from ninja import Router

router = Router(tags=["registry"])
