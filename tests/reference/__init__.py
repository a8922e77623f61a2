"""Slow and obvious versions, shared by the tests and the benchmarks."""
