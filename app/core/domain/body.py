"""Places on the body: the views of the body map, and the part and side that a point of one lies on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.domain.clinical import SITES

HEAD_NECK, ARM, LEG, CHEST, FLANK, BACK, PALM_SOLE, GENITAL = SITES


class View(StrEnum):
    """A drawing of the body map. *Left* and *right* are the patient's."""

    FRONT = "front"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    FACE = "face"
    HEAD_BACK = "head-back"
    HEAD_LEFT = "head-left"
    HEAD_RIGHT = "head-right"
    LEFT_PALM = "left-palm"
    RIGHT_PALM = "right-palm"
    LEFT_HAND = "left-hand"
    RIGHT_HAND = "right-hand"
    LEFT_SOLE = "left-sole"
    RIGHT_SOLE = "right-sole"
    LEFT_FOOT = "left-foot"
    RIGHT_FOOT = "right-foot"


class Side(StrEnum):
    """The patient's side; `MIDDLE` where a point lies near the middle line."""

    LEFT = "left"
    RIGHT = "right"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a view: x from the drawing's left edge to its right one, y from the top, both 0..1."""

    view: View
    x: float
    y: float

    @property
    def part(self) -> str:
        """The part of the body, one of `PARTS`."""
        return _part(self)

    @property
    def side(self) -> Side | None:
        """The patient's side; `None` where the part has none."""
        return _side(self)

    @property
    def site(self) -> str:
        """The site in the words of the ISIC archive, one of `SITES`."""
        return PARTS[self.part]


PARTS = {
    "face": HEAD_NECK,
    "scalp": HEAD_NECK,
    "head": HEAD_NECK,
    "neck": HEAD_NECK,
    "chest": CHEST,
    "abdomen": CHEST,
    "groin": GENITAL,
    "upper back": BACK,
    "lower back": BACK,
    "buttock": BACK,
    "flank": FLANK,
    "upper arm": ARM,
    "forearm": ARM,
    "hand": ARM,
    "palm": PALM_SOLE,
    "thigh": LEG,
    "lower leg": LEG,
    "foot": LEG,
    "sole": PALM_SOLE,
}
"""Parts of the body with the site that each belongs to."""

_WHOLE = {
    View.LEFT_PALM: "palm",
    View.RIGHT_PALM: "palm",
    View.LEFT_HAND: "hand",
    View.RIGHT_HAND: "hand",
    View.LEFT_SOLE: "sole",
    View.RIGHT_SOLE: "sole",
    View.LEFT_FOOT: "foot",
    View.RIGHT_FOOT: "foot",
    View.HEAD_BACK: "scalp",
    View.FACE: "face",
    View.HEAD_LEFT: "head",
    View.HEAD_RIGHT: "head",
}
"""Views that show one part, but for the neck below the head."""
_LEFT_VIEWS = frozenset(view for view in View if view.value.startswith("left") or view is View.HEAD_LEFT)
_RIGHT_VIEWS = frozenset(view for view in View if view.value.startswith("right") or view is View.HEAD_RIGHT)
_HEADS = (View.FACE, View.HEAD_BACK, View.HEAD_LEFT, View.HEAD_RIGHT)

# Limits in the drawing of the body (`app.ui.body.figures`): 96 wide, 188 high.
_NECK, _SHOULDER, _WAIST, _HIP, _CROTCH, _KNEE, _ANKLE = (y / 188 for y in (25, 33, 72, 90, 104, 134, 168))
_HEAD_NECK = 0.8
"""Where the neck begins in a drawing of the head."""
_MIDDLE = 0.035
"""Half the width of the strip that counts as the middle, of a drawing's width."""


def _part(place: Place) -> str:
    view, y = place.view, place.y
    if view in _WHOLE:
        return "neck" if view in _HEADS and y > _HEAD_NECK else _WHOLE[view]
    if y < _SHOULDER:
        head = {View.FRONT: "face", View.BACK: "scalp"}.get(view, "head")
        return "neck" if y > _NECK else head
    if view in (View.FRONT, View.BACK) and (limb := _limb(place)):
        return limb
    if y < _CROTCH:
        return _trunk(place)
    return "thigh" if y < _KNEE else "lower leg" if y < _ANKLE else "foot"


def _limb(place: Place) -> str:
    """The part of an arm at a point beside the trunk, empty on the trunk and the legs."""
    away = abs(place.x - 0.5) * 96
    # the arm runs from (20, 43) by (32, 66) to (40, 90); half of it is 5.5 wide
    y = place.y * 188
    if not 36 <= y <= 108 or away < _arm_middle(y) - 7:
        return ""
    return "upper arm" if y < 66 else "forearm" if y < 90 else "hand"


def _arm_middle(y: float) -> float:
    """Distance of the arm's middle line from the body's."""
    return 20 + 12 * (y - 43) / 23 if y < 66 else 32 + 8 * (y - 66) / 24


def _trunk(place: Place) -> str:
    y = place.y
    if place.view is View.FRONT:
        return "chest" if y < _WAIST - 0.04 else "abdomen" if y < _HIP + 0.05 else "groin"
    if place.view is View.BACK:
        return "upper back" if y < _WAIST - 0.02 else "lower back" if y < _HIP else "buttock"
    # from the side, the arm hangs before the trunk's middle
    if abs(place.x - 0.5) < 0.1:
        return "upper arm" if y < 66 / 188 else "forearm" if y < 90 / 188 else "hand"
    return "flank"


def _side(place: Place) -> Side | None:
    if place.view in _LEFT_VIEWS:
        return Side.LEFT
    if place.view in _RIGHT_VIEWS:
        return Side.RIGHT
    if abs(place.x - 0.5) < _MIDDLE:
        return Side.MIDDLE
    seen_from_behind = place.view in (View.BACK, View.HEAD_BACK)
    return Side.LEFT if (place.x < 0.5) == seen_from_behind else Side.RIGHT
