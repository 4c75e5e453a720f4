"""Benchmarks: ratios of contestants measured in one run, never absolute times."""
