"""The page for the history, lesions over time and the clinic's own cases."""
