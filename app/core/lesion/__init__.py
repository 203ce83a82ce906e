"""What is measured within a lesion's outline (ABCD); how two pictures of one lesion lie on each other."""
