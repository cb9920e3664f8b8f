"""Where the operations on reports are put."""

from ninja import Router

router = Router(tags=["reports"])
