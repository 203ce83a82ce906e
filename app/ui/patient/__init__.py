"""What several pages show of a patient: the header, the body map with lesions, and the dialogs on them."""
