"""What is measured within a lesion's outline (ABCD)."""
