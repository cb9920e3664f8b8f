"""Deployments over HTTP: how they are configured, and scores in real time, in our words and in a common protocol's."""
