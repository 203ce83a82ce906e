"""The page for the history: search, lesions over time, the clinic's own cases, backups."""
