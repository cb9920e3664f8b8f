"""A place in the file system, as whoever calls the engine may name it."""

import os

AnyPath = str | os.PathLike[str]
