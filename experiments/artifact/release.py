"""Which Xiaoyu this is: told with every model, for another release may make another model of the same question."""

RELEASE = "0.9.0"
