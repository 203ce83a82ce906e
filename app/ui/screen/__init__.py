"""The page for single images: the opened images in a row, one of them with its result."""
