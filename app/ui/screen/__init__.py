"""The page for single images."""
