"""Reads what a bank sends, whatever form it has, into one typed Parquet, within limits and without losing a byte."""
