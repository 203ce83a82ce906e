"""Names that exports give: identifiers that stay the same from one export to the next, and pseudonyms.

All are keyed hashes (HMAC, RFC 2104) of what they stand for. The key is a secret of this installation, so nobody else
can tell which identifier a pseudonym belongs to.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.domain.clinical import EMPTY_RECORD
from app.core.exchange.case import Case
from app.core.exchange.picture_file import without_notes
from app.core.system.files import write_atomically

KEY_BYTES = 32
MOST_DAYS = 365
"""By which the dates of a patient are moved back at most."""
OLDEST = 89
"""Years: the ages above are few enough to tell who it is (HIPAA, 45 CFR 164.514(b)(2)(i)(C))."""


def load_key(file: Path) -> bytes:
    """The secret of this installation, which is made at the first export.

    Raises `OSError`, also where it is damaged: with another one all names would be others.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, secrets.token_bytes(KEY_BYTES))
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise OSError(errno.EINVAL, f"{file} is damaged; delete it, and exports get other pseudonyms than before")
    return key


@dataclass(frozen=True)
class Identities:
    """Identifiers and pseudonyms by the secret `key`."""

    key: bytes

    def uid(self, *parts: object) -> str:
        """A DICOM UID that is always the same for the same parts (PS3.5, B.2)."""
        return f"2.25.{uuid.UUID(bytes=self._hash(*parts)[:16], version=4).int}"

    def pseudonym(self, kind: str, *parts: object) -> str:
        """A name of 10 signs that is always the same for the same parts, such as `P-3f2a9c01d4`."""
        return f"{kind}-{self._hash(kind, *parts).hex()[:10]}"

    def moved(self, patient: str, moment: dt.datetime) -> dt.datetime:
        """A moment moved back by 1 to 365 days, by as many for all pictures of a patient."""
        return moment - dt.timedelta(days=1 + int.from_bytes(self._hash("days", patient)[:4]) % MOST_DAYS)

    def deidentified(self, case: Case) -> Case:
        """The case without what tells who the patient is (PS3.15, E.1, with modified dates).

        Identifier and file name become pseudonyms, dates are moved by as many days for all pictures of a patient, an
        age of 90 or more becomes 89, notes are left out, and the picture's file loses what its camera wrote into it.
        What is burnt into the picture stays. A case without its picture, as for a table, stays without. Raises
        `ImageError` where the picture can't be read.
        """
        owner = case.patient.identifier or case.sha256
        taken = self.moved(owner, case.taken_at)
        content, suffix = without_notes(case.content) if case.content else (b"", ".jpg")
        record = replace(
            case.record,
            patient=self.pseudonym("P", owner) if case.patient.identifier else "",
            note="",
            confirmed_on="",
        )
        birth_year = case.patient.birth_year
        if birth_year is not None:
            birth_year = max(birth_year - (case.taken_at.year - taken.year), taken.year - OLDEST)
        screening = replace(
            case.screening,
            path=Path(self.pseudonym("I", owner, case.sha256) + suffix),
            sha256=hashlib.sha256(content).hexdigest() if content else None,
            screened_at=self.moved(owner, case.screening.screened_at),
            captured_at=taken,
            record=EMPTY_RECORD,
            thumbnail=b"",
            embedding=b"",
        )
        patient = replace(case.patient, identifier=record.patient, birth_year=birth_year, note="")
        lesion = case.lesion and replace(case.lesion, patient=record.patient)
        return replace(
            case,
            content=content,
            screening=screening,
            record=record,
            patient=patient,
            lesion=lesion,
            deidentified=True,
        )

    def _hash(self, *parts: object) -> bytes:
        text = "\x1f".join(map(str, parts))
        return hmac.new(self.key, text.encode("utf-8", "backslashreplace"), hashlib.sha256).digest()
