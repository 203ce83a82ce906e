"""Every sentence of the core for a person: a code, its parameters, and the English text.

A code is stable: catalogues of other languages, tables and logs go by it. A number is a parameter as a number, and the
template says how it is written. No sentence is put together from parts of others; a parameter may be a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Self

Parameter = int | float | str
"""What goes into a template: a number, a text (a file's name, the system's own words), or a whole `Message`."""


class Message(str):
    """A sentence with its code and parameters; the text itself is the English one.

    So it is stored, compared and shown as that text wherever nothing else is known of it, and what is read from an
    older history is the text alone. Raises `KeyError` for an unknown code or a parameter that is missing.
    """

    __slots__ = ("code", "parameters")
    code: str
    parameters: Mapping[str, Parameter]

    def __new__(cls, code: str, /, **parameters: object) -> Self:
        """A parameter that is neither a number nor a text (a path, an error) is kept as its text."""
        kept = {
            name: value if isinstance(value, int | float | str) else str(value) for name, value in parameters.items()
        }
        message = super().__new__(cls, TEMPLATES[code].format(**kept))
        message.code = code
        message.parameters = kept
        return message

    def __repr__(self) -> str:
        return f"Message({self.code!r}, {self.parameters!r})"

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Parameter]]:
        """For copies and other processes."""
        return (self.code,), dict(self.parameters)


PLAIN = "plain"
"""The code of a sentence that has none of its own: the window's, which is in its language already."""

_FILES = {
    "file-is-folder": "This is a folder, not a picture file.",
    "file-is-device": "This is a device or a pipe, not a picture file.",
    "file-too-large": "The file is too large: {megabytes:,.0f} MB (at most {most:,.0f} MB).",
    "file-changing": "The file changed while it was read; it may still be written.",
    "file-changed": "The file has changed since this result was computed.",
    "file-missing": "There is no such file.",
    "file-not-permitted": "You have no permission to read this file.",
    "file-out-of-memory": "There is not enough memory to read the file.",
    "file-unreadable": "The file can't be read: {cause}.",
    "file-empty": "The file is empty.",
    "folder-missing": "The folder {folder} can't be found. Is its drive or network share connected?",
    "folder-not-permitted": "You have no permission to look into the folder {folder}.",
    "folder-unreadable": "The folder {folder} can't be looked into: {cause}.",
    "zip-member-missing": "There is no such file in the ZIP.",
    "zip-member-too-large": "The file is too large: {megabytes:,.0f} MB.",
    "zip-locked": "The ZIP is locked with a password.",
    "zip-packing-unknown": "The ZIP is packed in a way that can't be read.",
    "zip-nested": "This ZIP lies within another one, where it can't be looked into; unpack the outer one first.",
    "zip-is-tar": "This is a TAR named as a ZIP; unpack it first, or pack it again as a ZIP.",
    "zip-unreadable": "The ZIP can't be read: {cause}.",
    "zip-damaged": "The picture in the ZIP is damaged.",
    "zip-without-pictures": "The ZIP holds no picture that can be opened.",
    "zip-damaged-or-none": "The file is a damaged ZIP, or not a ZIP at all.",
}
"""Why a file or a folder can't be read."""

_IMAGES = {
    "image-format-unknown": "This is not a JPEG, PNG, TIFF, BMP, WebP, HEIC or DICOM picture.",
    "image-header-damaged": "The picture is damaged or cut short: its header can't be read.",
    "picture-ends-worker": "The picture ended the program that looked at it: it may be damaged.",
    "image-damaged": "The picture is damaged or cut short.",
    "image-several": "The file holds {frames} pictures. Save the one you need as a separate file.",
    "image-too-small": "The picture is too small: {width}×{height} pixels (at least {least} on each side are needed).",
    "image-too-large": (
        "The picture is too large: {width}×{height} pixels, at most {megapixels:.0f} million pixels can be read."
    ),
    "image-beyond-16-bits": "The picture has values of more than 16 bits; save it with 8 or 16 bits.",
    "image-floating-point": (
        "The picture has floating-point values, whose range is not known; save it with 8 or 16 bits."
    ),
    "image-out-of-memory": "There is not enough memory to open the picture.",
    "image-out-of-memory-judging": "There is not enough memory to assess the picture.",
    "jpeg-damaged": (
        "The JPEG is damaged or cut short: a part of the picture is missing or was changed."
        " Copy it again from the camera."
    ),
    "jpeg-incomplete": "The JPEG is incomplete: only its coarse part arrived. Copy it again from the camera.",
    "jpeg-hierarchical": "This is a hierarchical JPEG, which can't be read; save it as a PNG or a usual JPEG.",
    "jpeg-arithmetic": "This is a JPEG with arithmetic coding, which can't be read; save it as a PNG or a usual JPEG.",
    "jpeg-bits": "This is a JPEG of {bits} bits, which can't be read; save it as a PNG or a JPEG of 8 bits.",
    "jpeg-unchecked": "Whether this JPEG is whole can't be checked: its colours are stored in a rare way.",
    "image-seam": "The picture may be damaged: from a line on, its colours are shifted. Compare it with the original.",
    "jpeg-cmyk": "The JPEG has printing colours without a note on how they are stored; its colours may be off.",
    "png-damaged": "The PNG is damaged or cut short: a checksum in it does not agree. Copy it again from the camera.",
    "image-avif": "This is an AVIF, which can't be read; save it as a JPEG or PNG.",
    "heic-cut-short": "The HEIC is cut short. Copy it again from the phone.",
    "image-raw": "This is a raw file of a camera; develop it to a JPEG or PNG first.",
    "tiff-damaged": "The TIFF is damaged or cut short: a part of the picture can't be read. Copy it again.",
    "tiff-compression": "The TIFF is compressed in a way that can't be read ({compression}); save it as a PNG.",
    "tiff-bits": "The TIFF has values of {bits} bits, which can't be read; save it with 8 or 16 bits.",
    "image-hdr": "The picture is in HDR, which can't be read; save it as a usual picture (SDR).",
    "colours-unknown": "The picture does not say plainly what its colours mean; they may be off.",
    "alpha-empty": "The picture is stored as wholly transparent; it is shown without transparency.",
    "profile-incomplete": "A part of the picture's colour profile is missing; its colours may be off.",
    "dicom-modality": "This DICOM file has the modality {modality}; it is not a photograph.",
    "dicom-no-image": "This DICOM file holds no picture.",
    "dicom-several": "The DICOM file holds {frames} pictures; only files with one picture can be read.",
    "dicom-compression": "The DICOM file is compressed in a way that MelaScreen can't read ({syntax}).",
    "dicom-signed": "The DICOM file holds signed values, not a photograph's.",
    "dicom-bits": "The DICOM file has values of {bits} bits, not a photograph's.",
    "orientation-damaged": "The picture's orientation data are damaged; it is shown as stored.",
    "profile-unusable": "The picture's colour profile can't be used; its colours may be off.",
    "profile-of-other-space": (
        "The picture's colour profile can't be used (it is meant for {space}); its colours may be off."
    ),
}
"""Why a file's content gives no image; the last three are warnings."""

_QUALITY = {
    "quality-strip": (
        "The picture is a narrow strip, in which the lesion would be distorted. Crop it to roughly a square, with"
        " the whole lesion inside."
    ),
    "quality-far-too-dark": (
        "The picture is far too dark to show anything. Uncover the lens, switch on the dermatoscope's light and take it"
        " again."
    ),
    "quality-one-colour": (
        "The picture has almost one colour all over, and shows nothing. Check that the lens is uncovered and in"
        " focus, and take it again."
    ),
    "quality-no-colour": (
        "The picture has no colours, which dermoscopy needs. Take it in colour, with a dermatoscope."
    ),
    "quality-far-too-bright": "The picture is far too bright to show anything. Reduce the exposure and take it again.",
    "quality-far-too-blurred": (
        "The picture is so blurred that no structure can be seen. Clean the lens, hold the dermatoscope still and focus"
        " again."
    ),
    "quality-small": (
        "The picture is small: {width}×{height} pixels. Use the camera's original file, with at least {least} pixels"
        " on each side."
    ),
    "quality-long": (
        "The picture is much longer on one side, and the network would see it distorted. Crop it to roughly a"
        " square, with the whole lesion inside."
    ),
    "quality-dark": (
        "The picture is too dark. Switch on the dermatoscope's light or expose longer, and take it again."
    ),
    "quality-bright": (
        "The picture is too bright; its light parts have lost their details. Reduce the exposure and take it again."
    ),
    "quality-blurred": "The picture is blurred. Clean the lens, hold the dermatoscope still and focus again.",
    "quality-colour-cast": (
        "The picture has a strong colour cast. Set the camera's white balance to the dermatoscope's light, and take it"
        " again without a filter."
    ),
    "quality-vignette": (
        "The picture gets much darker towards its border. Hold the dermatoscope flat on the skin and the camera"
        " straight behind it."
    ),
    "quality-frame": (
        "A wide border around the picture was left out. Move closer or use optical zoom until the skin fills"
        " the picture."
    ),
    "artifact-hair": (
        "Hair lies over the lesion and may hide some of it: part or trim the hair, and take another picture if you can."
    ),
    "artifact-ink": (
        "Ink or a coloured sticker is in the picture. Skin markings can raise false alarms: take another picture"
        " without it if you can."
    ),
    "artifact-ruler": (
        "A ruler or scale is in the picture. Rulers can raise false alarms: take another picture without it if you can."
    ),
}
"""What is wrong with an image, and what to do about it."""

_RESULTS = {
    "out-of-distribution": (
        "This does not look like a dermoscopy picture: no result. The model knows pictures of one lesion, taken through"
        " a dermatoscope, in focus and in natural colours."
    ),
    "out-of-distribution-forced": (
        "This does not look like a dermoscopy picture. The number is shown on request and may mean nothing."
    ),
    "not-dermoscopy": (
        "This does not look like a picture taken through a dermatoscope: no result. Take one of the lesion through a"
        " dermatoscope, in focus and in natural colours."
    ),
    "not-dermoscopy-forced": (
        "This does not look like a picture taken through a dermatoscope. The number is shown on request and"
        " may mean nothing."
    ),
    "unlike-training": "Pictures like this were not in the training: the stated accuracy may not hold.",
    "inconsistent": (
        "The result is unsteady: turned or cropped a little, the picture falls on the other side of the threshold."
        " Take another picture, and rely on your own examination."
    ),
    "batch-source-gone": "{source} can't be found any more. Connect it again, then continue.",
}
"""Why there is no result, or how little one says."""

_SCALES = {
    "pixels-not-square": "The file's pixels are not square: {row:g} mm by {column:g} mm.",
    "pixel-size-implausible": ("A pixel of {side:g} mm is implausible; {finest:g} to {coarsest:g} mm are expected."),
    "line-outside": "The line's ends must lie in the picture.",
    "line-too-short": "The line is too short: {pixels:.1f} pixels, at least {least:.0f} are needed.",
    "line-without-length": "The line's length must be more than 0 mm, not {millimetres:g} mm.",
    "width-not-positive": "A picture's width must be more than 0 pixels, not {width}.",
    "field-of-view-implausible": (
        "The picture would be {shown:.3g} mm wide; a dermoscopy picture shows {lowest:.0f} to {highest:.0f} mm."
    ),
}
"""Why a scale can't be."""

_MODELS = {
    "model-missing": "There is no model in {folder}: {file} is missing.",
    "model-card-unreadable": "The model's card {file} can't be read: {cause}.",
    "model-card-damaged": "The model's card {file} is damaged or not made for this program: {cause}.",
    "model-file-unreadable": "The model's file {file} can't be read: {cause}.",
    "model-checksum-differs": "The model's file {file} is damaged: its checksum is not the one in the card.",
    "model-network-unloadable": "The model's network can't be loaded: {cause}",
    "model-network-differs": "The model's network does not agree with its card: it has the shapes {shapes}.",
    "model-network-fails": "The model's network can't be run: {cause}",
    "model-gives-no-number": "The model's network gave no number for this picture; the model may be damaged.",
    "model-detector-unreadable": "The model's file on familiar pictures can't be read: {cause}",
    "model-detector-differs": "The model's file on familiar pictures does not agree with its network.",
    "model-detector-not-finite": "The model's file on familiar pictures has values that can't be computed with.",
    "model-gate-unreadable": "The model's file that tells dermoscopy from other pictures can't be read: {cause}",
    "model-gate-differs": "The model's file that tells dermoscopy from other pictures does not agree with its network.",
    "model-outline-gives-no-number": "The outline's network gave no number for this picture; the model may be damaged.",
    "model-finds-no-outline": "The model in use can't find outlines. Draw one by hand.",
    "model-reference-differs": "The reference image gives {found:.6f}, the model's card says {stored:.6f}.",
    "model-not-installed": "{name} was not installed. {reason}",
    "model-folder-not-writable": "{name} was not installed: {folder} can't be written to: {cause}.",
    "model-not-removable": "The model in {folder} can't be removed: {cause}.",
    "model-bundled-not-removable": "The model that came with the program can't be removed.",
    "model-file-name-wrong": "The model's card names a file {file!r}, which is not a file's name.",
    "model-file-refused": "{file}: {reason}",
    "model-too-large": "The model is too large: more than {megabytes:.0f} MB.",
    "model-zip-has-several": "There are {count} models in the ZIP.",
    "model-zip-has-none": "There is no model in the ZIP: no {file} at its top or in one folder.",
}
"""Why a model can't be used, installed or removed."""

_HISTORY = {
    "history-in-use": "The history {file} is in use. Wait until the current work is finished.",
    "history-in-use-elsewhere": (
        "The history {file} is in use. Wait until nothing is being assessed, close other windows, and try again."
    ),
    "history-log-in-use": (
        "The entry was deleted, but another window has the history open: until that window is closed, the history's"
        " log file still holds it."
    ),
    "history-not-set-aside": "The history {file} can't be moved to another file: {cause}.",
    "history-unusable": "The history {file} can't be used: {cause}.",
    "history-unreadable": "The history can't be read: {cause}.",
    "history-newer": "The history {file} was written by a newer MelaScreen. Install that version to open it.",
    "patient-exists": "There is a patient {patient} already. Merge the two instead of renaming.",
    "lesion-gone": "Lesion {number} was removed meanwhile.",
    "lesion-of-several": (
        "These pictures are of several patients: {patients}. A lesion is on one body: note them under one patient"
        " first."
    ),
    "patient-gone": "There is no patient {patient} any more.",
    "history-not-replaced": "The history {file} can't be replaced and is as it was: {cause}.",
    "batch-item-done": "Picture {position} of the batch is done already: it is open in another window.",
    "picture-not-kept": "The picture can't be kept in {folder}: {cause}.",
    "pictures-not-deleted": "{count} of the pictures kept in {folder} can't be deleted: {cause}.",
    "backup-folder-missing": "There is no folder {folder} for the backup. Is its drive plugged in?",
    "backup-folder-unreadable": "The folder {folder} with the backups can't be read: {cause}.",
    "backup-old-not-deleted": "The backup {file} is written, but the old one {old} can't be deleted: {cause}.",
    "export-name-taken": "The history can't be exported to {target}: choose another name.",
    "export-not-written": "The history can't be exported to {target}: {cause}.",
    "export-of-damaged": "The history {file} is damaged and was not exported: {cause}.",
    "export-failed": "The history {file} can't be exported: {cause}.",
    "export-not-checked": "The export {archive} can't be checked: {cause}.",
    "export-not-imported": "The export {archive} can't be imported: {cause}.",
    "export-damaged": "The history in {archive} is damaged: {cause}.",
    "export-incomplete": "The history in {archive} is damaged: a part has lost what it belongs to.",
    "export-without-history": "{archive} has no history of MelaScreen in it.",
    "export-newer": "{archive} was written by a newer MelaScreen. Install that version to open it.",
    "export-unusable": "The history in {archive} can't be used: {cause}.",
    "export-none": "{archive} is not an export of a history: it holds no {file}.",
    "export-zip-damaged": "{archive} is damaged, or no ZIP: {cause}.",
    "export-not-unpacked": "{archive} can't be unpacked: {cause}.",
}
"""Why the history, its copies of images, a backup or an export can't be used."""

_CALENDAR = {
    "follow-up-of-patient": "Skin check: {patient}",
    "follow-up-of-lesion": "Skin check: {patient}, lesion {number}",
}
"""Titles of the days on which patients are to be seen again."""

_PROGRAM = {
    PLAIN: "{text}",
    "data-folder-not-writable": "The folder {folder} can't be written to: {cause}.",
    "data-folder-not-writable-portable": (
        "The folder {folder} can't be written to: {cause}. {marker} beside the program says that everything is kept"
        " there: is the USB stick write-protected?"
    ),
    "no-display": (
        "There is no display to open the window on. Without one, classify images by `melascreen classify IMAGE…`."
    ),
}
"""Of the program and the machine."""

TEMPLATES: Mapping[str, str] = MappingProxyType(
    _FILES | _IMAGES | _QUALITY | _RESULTS | _SCALES | _MODELS | _HISTORY | _CALENDAR | _PROGRAM
)
"""English by code, as `str.format` takes it."""


def code_of(text: str) -> str:
    """The code of a sentence; of one that the history gave back as text, by its English template. `PLAIN` where there
    is none."""
    return text.code if isinstance(text, Message) else _code_of(text)


@lru_cache(maxsize=1024)
def _code_of(text: str) -> str:
    return next((code for code, pattern in _patterns() if pattern.fullmatch(text)), PLAIN)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """What a sentence looks like by its template, the longest templates first: they say most."""
    return [
        (code, re.compile(".*".join(map(re.escape, re.split(r"\{.*?\}", template))), re.DOTALL))
        for code, template in sorted(TEMPLATES.items(), key=lambda each: -len(each[1]))
        if code != PLAIN
    ]
