"""Where the operations on experiments are put."""

from ninja import Router

router = Router(tags=["experiments"])
