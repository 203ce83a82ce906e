"""The SQLite store: schema, entries, batches, queries, backup, transfer, kept images."""
