"""The HTTP API: what its operations share. The operations themselves are in the ``api`` modules of the apps."""
