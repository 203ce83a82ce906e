"""One module for each family of file formats (DICOM, what Pillow reads), and colour management."""
