"""Exports for other programs: the dialog that asks what, and the worker that writes it. See [exchange](exchange.md)."""
