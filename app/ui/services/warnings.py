"""Warnings in few words and as icons, by the codes of `app.core.domain.messages`."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.core.domain.messages import code_of

translate = QCoreApplication.translate


@dataclass(frozen=True)
class ShortWarning:
    """A warning in few words, with the name of its icon and its whole text."""

    words: str
    icon: str
    text: str


def short_warning(text: str) -> ShortWarning:
    """A warning in few words; one that is not known here by the words before its first stop."""
    found = _known().get(code_of(text))
    if found is None:
        first = text.split(". ")[0].split(": ")[0].split("; ")[0]
        return ShortWarning(first.removesuffix("."), "triangle-alert", text)
    return ShortWarning(*found, text)


def legend() -> dict[str, str]:
    """What each icon means, by its name; one that stands for several warnings has the words of all."""
    words: dict[str, list[str]] = {}
    for text, icon in _known().values():
        if text not in words.setdefault(icon, []):
            words[icon].append(text)
    return {icon: " / ".join(texts) for icon, texts in words.items()}


def _known() -> dict[str, tuple[str, str]]:
    """Words and icon by code."""
    return {
        "artifact-hair": (translate("warnings", "Hair lies over the lesion"), "hair"),
        "artifact-ink": (translate("warnings", "Ink or a sticker in the picture"), "pen-line"),
        "artifact-ruler": (translate("warnings", "Ruler in the picture"), "ruler"),
        "quality-colour-cast": (translate("warnings", "Strong colour cast"), "palette"),
        "quality-vignette": (translate("warnings", "Dark towards the border"), "sun-dim"),
        "quality-frame": (translate("warnings", "Border left out"), "crop"),
        "quality-dark": (translate("warnings", "Too dark"), "contrast"),
        "quality-bright": (translate("warnings", "Too bright"), "sun-dim"),
        "quality-blurred": (translate("warnings", "Blurred"), "crosshair"),
        "quality-small": (translate("warnings", "Small picture"), "image"),
        "quality-long": (translate("warnings", "Much longer on one side"), "image"),
        "unlike-training": (translate("warnings", "Unlike the training pictures"), "circle-alert"),
        "inconsistent": (translate("warnings", "Not steady: take another picture"), "blend"),
        "profile-incomplete": (translate("warnings", "Colours may be off"), "palette"),
        "colours-unknown": (translate("warnings", "Colours may be off"), "palette"),
        "jpeg-cmyk": (translate("warnings", "Colours may be off"), "palette"),
        "image-seam": (translate("warnings", "May be damaged"), "circle-alert"),
        "jpeg-unchecked": (translate("warnings", "Not checked for damage"), "circle-alert"),
        "alpha-empty": (translate("warnings", "Transparency left out"), "image"),
        "profile-unusable": (translate("warnings", "Colours may be off"), "palette"),
        "profile-of-other-space": (translate("warnings", "Colours may be off"), "palette"),
        "orientation-damaged": (translate("warnings", "May be turned"), "rotate-cw"),
    }
