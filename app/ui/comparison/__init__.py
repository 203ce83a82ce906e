"""The page that compares two pictures of one lesion, then and now."""
