"""How images are screened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScreeningOptions:
    """Goes with each job, so that a setting that is changed meanwhile holds from the next job on.

    `keep_images`: the images that get a result are copied to the user's data. `consistency`: flipped and cropped
    views of an image are classified too.
    """

    keep_images: bool = False
    consistency: bool = True


DEFAULTS = ScreeningOptions()
