"""Columns made from columns: proposed by kinds, judged against chance, kept as readable formulas."""

from experiments.generation.generator import FeatureGenerator

__all__ = ["FeatureGenerator"]
