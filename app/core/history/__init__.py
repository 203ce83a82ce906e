"""The SQLite store: schema, entries, patients, lesions, follow-ups, arrivals, batches, backup, transfer."""
