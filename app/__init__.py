"""MelaScreen: screens dermoscopy images for melanoma, offline."""
