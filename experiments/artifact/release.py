"""The release of Xiaoyu, recorded with every model, as another release may build another model."""

RELEASE = "0.9.0"
