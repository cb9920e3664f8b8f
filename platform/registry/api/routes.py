"""Where the operations on models are put."""

from ninja import Router

router = Router(tags=["registry"])
