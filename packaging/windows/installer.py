# SPDX-License-Identifier: Apache-2.0
"""The installer for Windows, as source for wixl, and the manifests of winget and Scoop beside it.

    installer.py wxs machine|user FOLDER VERSION       WiX source on stdout
    installer.py japanese                              what msibuild then changes, a line each
    installer.py manifests VERSION URL MSI... TARGET   winget and Scoop manifests

What belongs here: names, ids, shortcuts, the one list of them. What does not: building
(``scripts/msi``). Two installers, not one for both: with one, Windows asks for an administrator
before it asks for whom.

wixl, because Debian has it and its MSI holds nothing but tables: no code of ours runs while
installing, so there is nothing to go wrong in a repair or removal.
"""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES: Final = uuid.UUID("6f2a4c1e-8d0b-5b57-9a5e-0c2d51b7a3f4")
"""The name space of all our ids; never to be changed, or upgrades find nothing."""
MAKER: Final = "cardcheck"
SCOPES: Final = {
    "machine": ("perMachine", "ProgramFiles64Folder", "HKLM", "yes"),
    "user": ("perUser", "LocalAppDataFolder", "HKCU", "no"),
}
TITLE: Final = "マイナンバーカード点検 (cardcheck)"
SHORTCUTS: Final = (
    ("Scan", "マイナンバーカード点検", "cardcheck-window.exe", ""),
    ("Place", "置き場所さがし", "cardcheck.exe", "place"),
    ("Guide", "説明", "guide.html", ""),
)


def identity(*parts: str) -> str:
    """A GUID that is the same each time for the same parts."""
    return f"{{{uuid.uuid5(NAMES, '/'.join(parts))}}}".upper()


def wxs(scope: str, folder: Path, version: str) -> str:
    """The source of one installer: every file of ``folder``, shortcuts, PATH."""
    install_scope, base, root, system = SCOPES[scope]
    directories, references = _directory(scope, folder, folder, 10)
    shortcuts = "\n".join(_shortcut(row[0], *row[2:]) for row in SHORTCUTS)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="{identity("product", scope, version)}" Name="{MAKER}"
    Language="1041" Codepage="65001" Version="{version}" Manufacturer="{MAKER}"
    UpgradeCode="{identity("upgrade", scope)}">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="{install_scope}"
      Languages="1041" SummaryCodepage="65001" Description="cardcheck {version}"
      Manufacturer="{MAKER}"/>
    <MajorUpgrade AllowSameVersionUpgrades="no"
      DowngradeErrorMessage="A newer version is installed."/>
    <Media Id="1" Cabinet="files.cab" EmbedCab="yes"/>
    <Icon Id="cardcheck.ico" SourceFile={quoteattr(str(folder.parent / "cardcheck.ico"))}/>
    <Property Id="ARPPRODUCTICON" Value="cardcheck.ico"/>
    <Property Id="ARPNOMODIFY" Value="1"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="{base}">
        <Directory Id="INSTALLDIR" Name="cardcheck">
{directories}
          <Component Id="Path" Guid="{identity("path", scope)}">
            <RegistryValue Root="{root}" Key="Software\\cardcheck" Name="Version" Type="string"
              Value="{version}" KeyPath="yes"/>
            <Environment Id="Path" Name="PATH" Value="[INSTALLDIR]" Action="set" Part="last"
              Permanent="no" System="{system}"/>
          </Component>
        </Directory>
      </Directory>
      <Directory Id="ProgramMenuFolder">
        <Directory Id="MenuFolder" Name="cardcheck">
          <Component Id="Menu" Guid="{identity("menu", scope)}">
            <RegistryValue Root="{root}" Key="Software\\cardcheck" Name="Menu" Type="integer"
              Value="1" KeyPath="yes"/>
            <RemoveFolder Id="MenuFolder" On="uninstall"/>
{shortcuts}
          </Component>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="All" Level="1" Title="cardcheck">
{references}
      <ComponentRef Id="Path"/>
      <ComponentRef Id="Menu"/>
    </Feature>
  </Product>
</Wix>
"""


def japanese() -> Iterator[str]:
    """The statements that give names in Japanese; wixl loses what is not ASCII."""
    yield f"UPDATE `Property` SET `Value` = '{TITLE}' WHERE `Property` = 'ProductName'"  # noqa: S608 - constants
    for key, title, _, _ in SHORTCUTS:
        name = f"{key.upper()}|{title}"
        yield f"UPDATE `Shortcut` SET `Name` = '{name}' WHERE `Shortcut` = '{key}'"  # noqa: S608 - as above


def _shortcut(key: str, program: str, arguments: str) -> str:
    given = f' Arguments="{arguments}"' if arguments else ""
    return (
        f'            <Shortcut Id="{key}" Name="{key}" Target="[INSTALLDIR]{program}"{given}'
        ' WorkingDirectory="INSTALLDIR" Icon="cardcheck.ico"/>'
    )


def _directory(scope: str, top: Path, folder: Path, indent: int) -> tuple[str, str]:
    """A folder's files and folders, and the references to its components."""
    space, lines, references = " " * indent, [], []
    for path in sorted(folder.iterdir()):
        name = path.relative_to(top).as_posix()
        key = "k" + hashlib.sha256(name.encode()).hexdigest()[:16]
        shown, source = quoteattr(path.name), quoteattr(str(path))
        if path.is_dir():
            inner, more = _directory(scope, top, path, indent + 2)
            lines.append(
                f'{space}<Directory Id="d{key}" Name={shown}>\n{inner}\n{space}</Directory>'
            )
            references.append(more)
            continue
        guid = identity("file", scope, name)
        file = f'<File Id="f{key}" Name={shown} Source={source} KeyPath="yes"/>'
        lines.append(f'{space}<Component Id="{key}" Guid="{guid}" Win64="yes">{file}</Component>')
        references.append(f'      <ComponentRef Id="{key}"/>')
    return "\n".join(lines), "\n".join(filter(None, references))


def manifests(version: str, url: str, installers: list[Path], target: Path) -> None:
    """Writes the manifests for installers that lie under ``url``; nothing is uploaded."""
    target.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in installers:
        scope = "machine" if "machine" in path.name else "user"
        digest = hashlib.sha256(path.read_bytes()).hexdigest().upper()
        rows.append(
            f"- Architecture: x64\n  InstallerType: wix\n  Scope: {scope}\n"
            f"  InstallerUrl: {url}/{path.name}\n  InstallerSha256: {digest}\n"
            f"  ProductCode: '{identity('product', scope, version)}'\n"
        )
        if scope == "user":
            scoop = {
                "version": version,
                "description": "Says why login with a My Number card fails, and what to do",
                "license": "Apache-2.0",
                "architecture": {"64bit": {"url": f"{url}/{path.name}", "hash": digest.lower()}},
                "extract_dir": "LocalAppData\\cardcheck",
                "bin": "cardcheck.exe",
                "shortcuts": [[row[2], row[1], *filter(None, row[3:])] for row in SHORTCUTS],
            }
            text = json.dumps(scoop, ensure_ascii=False, indent=2)
            (target / "cardcheck.json").write_text(text + "\n", "utf-8")
    head = f"PackageIdentifier: cardcheck.cardcheck\nPackageVersion: {version}\n"
    kinds = {
        "installer": f"MinimumOSVersion: 10.0.0.0\nInstallers:\n{''.join(rows)}",
        "locale.ja-JP": "PackageLocale: ja-JP\nPublisher: cardcheck\nLicense: Apache-2.0\n"
        "PackageName: マイナンバーカード点検\n"
        "ShortDescription: マイナンバーカードでログインできない理由を調べます\n",
        "version": "DefaultLocale: ja-JP\n",
    }
    for kind, body in kinds.items():
        type_ = "defaultLocale" if kind.startswith("locale") else kind
        name = "" if kind == "version" else f".{kind}"
        tail = f"ManifestType: {type_}\nManifestVersion: 1.6.0\n"
        (target / f"cardcheck.cardcheck{name}.yaml").write_text(head + body + tail, "utf-8")


def main() -> None:
    """Does what the arguments say."""
    match sys.argv[1:]:
        case ["wxs", scope, folder, version]:
            sys.stdout.write(wxs(scope, Path(folder), version))
        case ["japanese"]:
            sys.stdout.writelines(f"{line}\n" for line in japanese())
        case ["manifests", version, url, *installers, target]:
            manifests(version, url, [Path(name) for name in installers], Path(target))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
