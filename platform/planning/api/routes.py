"""Where the operations on questions and plans are put."""

from ninja import Router

router = Router(tags=["experiments"])
