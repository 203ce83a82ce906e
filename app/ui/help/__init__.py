"""The help page and the dialogs about the program: first start, versions, licences, support."""
