"""Where the operations on runs are put."""

from ninja import Router

router = Router(tags=["experiments"])
