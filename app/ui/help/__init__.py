"""The help page and the dialogs about the program."""
