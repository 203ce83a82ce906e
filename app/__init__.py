"""The program: screens dermoscopy images for melanoma, offline."""
