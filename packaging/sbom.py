"""Writes the list of components (CycloneDX 1.6, JSON) of what is shipped.

    python packaging/sbom.py SHIPPED.json MODEL_FOLDER OUT.cdx.json VERSION EPOCH

What a wheel says of the libraries inside it (PEP 770) is taken over. The same bundle gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
import uuid
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from parts import SEE_TEXT, Part, read_shipped, shipped_parts


def make_bom(parts: Sequence[Part], model: Path, version: str, made: dt.datetime) -> Bom:
    """The components as a BOM; its serial number follows from them and the version."""
    program = Component(
        name="MelaScreen",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="melascreen",
        licenses=[LicenseExpression("MIT")],
    )
    components = {component.bom_ref.value: component for part in parts for component in _components(part)}
    components |= {component.bom_ref.value: component for component in _networks(model)}
    identity = json.dumps([version, made.isoformat(), sorted(map(str, components))])
    bom = Bom(components=components.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_URL, identity))
    bom.metadata.timestamp = made
    bom.metadata.component = program
    bom.register_dependency(program, components.values())
    return bom


def _components(part: Part) -> Iterator[Component]:
    namespace = "debian" if part.kind == "deb" else None
    url = PackageURL(part.kind, namespace, part.name.lower(), part.version)
    licence = DisjunctiveLicense(name=part.licence) if part.licence == SEE_TEXT else _expression(part.licence)
    yield Component(
        name=part.name,
        version=part.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(url),
        purl=url,
        licenses=[licence],
        external_references=[ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part.homepage))]
        if part.homepage
        else [],
    )
    if part.kind == "pypi":
        yield from _inside_wheel(part.name)


def _expression(licence: str) -> LicenseExpression | DisjunctiveLicense:
    return DisjunctiveLicense(name=licence) if "Bootloader" in licence else LicenseExpression(licence)


def _inside_wheel(name: str) -> Iterator[Component]:
    """Libraries that the wheel's own lists of components name, with a version and a package URL."""
    for file in metadata.files(name) or ():
        if "sboms" not in file.parts or not file.name.endswith(".cdx.json"):
            continue
        for entry in json.loads(Path(str(file.locate())).read_text(encoding="utf-8")).get("components", ()):
            url = entry.get("purl", "")
            if entry.get("version") and url and not url.startswith("pkg:pypi/"):
                yield Component(
                    name=entry["name"],
                    version=entry["version"],
                    type=ComponentType.LIBRARY,
                    bom_ref=url,
                    purl=PackageURL.from_string(url),
                    description=f"inside the wheel of {name}",
                )


def _networks(model: Path) -> Iterator[Component]:
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    for file in sorted(model.glob("*.tflite")):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield Component(
            name=f"{card['name']}: {file.name}",
            version=str(card["version"]),
            type=ComponentType.MACHINE_LEARNING_MODEL,
            bom_ref=f"model/{file.name}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )


def main() -> None:
    shipped, model, out, version, epoch = sys.argv[1:]
    made = dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC)
    bom = make_bom(shipped_parts(read_shipped(Path(shipped))), Path(model), version, made)
    JsonV1Dot6(bom).output_to_file(out, allow_overwrite=True, indent=1)


if __name__ == "__main__":
    main()
