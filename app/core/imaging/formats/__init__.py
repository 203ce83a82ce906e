"""One module per family of file formats, and colour management."""
