"""Where the operations on submissions and approvals are put, in the group of the models they are about."""

from ninja import Router

router = Router(tags=["registry"])
