"""The page for folders and other batches: progress, results as list and grid, filters, sources, exports."""
