"""The steps of `melascreen-train`, and its options."""
