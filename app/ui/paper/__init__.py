"""What reports are drawn with: measures of a page, blocks that flow over pages, pictures, PDF."""
