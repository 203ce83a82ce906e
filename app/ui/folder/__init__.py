"""The page for folders and other batches."""
