"""Finds columns that give the outcome away, or are useless, before any model is trained; one file a test."""

from experiments.features.single_feature import single_feature_power
from experiments.leakage.check import check_leakage
from experiments.leakage.finding import Finding
from experiments.leakage.joins import check_join
from experiments.leakage.parquet import Checked, check_parquet

__all__ = ["Checked", "Finding", "check_join", "check_leakage", "check_parquet", "single_feature_power"]
