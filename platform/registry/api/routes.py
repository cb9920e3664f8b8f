"""Where the operations on models and approvals are put."""

from ninja import Router

router = Router(tags=["registry"])
