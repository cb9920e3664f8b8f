"""Looks for columns that know the answer, or know nothing, before any model is trained; one file a test."""

from experiments.data.leakage.check import check_leakage
from experiments.data.leakage.finding import Finding
from experiments.data.leakage.joins import check_join
from experiments.data.leakage.parquet import Checked, check_parquet
from experiments.data.single_feature import single_feature_power

__all__ = ["Checked", "Finding", "check_join", "check_leakage", "check_parquet", "single_feature_power"]
