"""Reads that cross models: each function returns frozen records, never a model."""
