"""Definitions of the ABCD measures for clinicians, with sources (see `app.core.lesion.abcd`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """What a measure is, for a clinician: its name, its unit (empty for a mere number), two or three sentences, and
    where it is from."""

    title: str
    unit: str
    text: str
    citation: str


_NACHBAR = (
    "Nachbar et al., The ABCD rule of dermatoscopy, J Am Acad Dermatol 1994;30:551-559 (there judged by an expert)"
)
_AXES = "Near-round lesions have no marked axes: theirs lie by chance."

DEFINITIONS: dict[str, Definition] = {
    "asymmetry_long": Definition(
        "Asymmetry of form, long axis",
        "share of the area",
        "The lesion's outline is folded over its long axis. This is the share of its area that does not come to lie "
        f"on the lesion again: 0 % for a symmetrical outline. {_AXES}",
        "Stoecker et al., Automatic detection of asymmetry in skin tumors, Comput Med Imaging Graph 1992;16:191-197",
    ),
    "asymmetry_short": Definition(
        "Asymmetry of form, short axis",
        "share of the area",
        "The lesion's outline is folded over its short axis, at right angles to the long one. This is the share of "
        f"its area that does not come to lie on the lesion again: 0 % for a symmetrical outline. {_AXES}",
        "Stoecker et al., Automatic detection of asymmetry in skin tumors, Comput Med Imaging Graph 1992;16:191-197",
    ),
    "colour_asymmetry_long": Definition(
        "Asymmetry of colour, long axis",
        "CIELAB units",
        "The lesion is folded over its long axis, and the colours that come to lie on each other are compared, field "
        "by field. 0 means alike on both sides; a difference of about 2 is just visible, 100 is black against white.",
        f"{_NACHBAR}; colour difference: CIE 15, CIE 1976",
    ),
    "colour_asymmetry_short": Definition(
        "Asymmetry of colour, short axis",
        "CIELAB units",
        "The lesion is folded over its short axis, and the colours that come to lie on each other are compared, field "
        "by field. 0 means alike on both sides; a difference of about 2 is just visible, 100 is black against white.",
        f"{_NACHBAR}; colour difference: CIE 15, CIE 1976",
    ),
    "compactness": Definition(
        "Irregularity of the border",
        "",
        "The border's length squared, against that of a circle around the same area. 1 is a circle; an elongated "
        "lesion and a jagged border both raise it.",
        "Golston et al., Automatic detection of irregular borders in melanoma and other skin tumors, "
        "Comput Med Imaging Graph 1992;16:199-203",
    ),
    "solidity": Definition(
        "Solidity of the outline",
        "share of the area",
        "How much of the area within a tight band around the lesion the lesion itself fills. 100 % is an outline "
        "without indentations, however elongated; notches and lobes lower it.",
        "Area over that of the convex hull: a common descriptor of form, no part of the ABCD rule",
    ),
    "abrupt_sectors": Definition(
        "Sectors with an abrupt border",
        "of 8",
        "The border is divided into eight sectors. Those count in which the lesion is clearly darker than the skin and "
        "at least half of the difference lies close to the outline. It depends on how closely the outline follows the "
        "lesion.",
        _NACHBAR,
    ),
    "colour_shares": Definition(
        "Colours",
        "of 6",
        "Each pixel of the lesion is given the nearest of six colours: white, red, light brown, dark brown, blue-grey, "
        "black. A colour counts from 5 % of the lesion, white only where it is lighter than the skin. The tint of the "
        "surrounding skin is taken off first; hair and reflections are not.",
        f"{_NACHBAR}; by nearest reference colour: Kasmi and Mokrani, IET Image Process 2016;10:448-455, with "
        "reference colours of our own",
    ),
    "diameter_pixels": Definition(
        "Largest diameter",
        "pixels",
        "The largest distance between two points of the lesion's border, in pixels of the picture.",
        "Maximal Feret diameter; ISO 9276-6:2008",
    ),
    "diameter_mm": Definition(
        "Largest diameter",
        "mm",
        "The largest distance between two points of the lesion's border. Known only where the file states the size of "
        "a pixel or a line was drawn along a ruler.",
        "Maximal Feret diameter; ISO 9276-6:2008. The ABCD of the naked eye asks for more than 6 mm: Friedman et al., "
        "CA Cancer J Clin 1985;35:130-151",
    ),
}
"""Of the fields of `app.core.lesion.abcd.Measures` that measure something, in the order to show them in."""
