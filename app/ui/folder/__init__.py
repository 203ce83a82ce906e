"""The page for folders and other batches: progress, the table of results and its filters, exports."""
