"""Find links inside the built site that lead nowhere. Needs no browser."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """What a page links to and what one can link to in it."""

    def __init__(self, path: Path):
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "link" and attributes.get("rel") == "canonical":
            return
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self.targets.append(attributes["content"].partition("url=")[2].strip())
        for name in ("href", "src"):
            if attributes.get(name):
                self.targets.append(attributes[name])
        self.anchors |= {attributes[k] for k in ("id", "name") if attributes.get(k)}


def broken_links(folder: Path) -> list[str]:
    """Return, as ``page: target``, the links to files or anchors that do not exist."""
    pages = {
        path.resolve(): _Page(path)
        for path in sorted(folder.rglob("*.html"))
        # Sources that are offered for download, and templates, are no pages.
        if "_static" not in path.parts and "_sources" not in path.parts
    }
    broken = []
    for path, page in pages.items():
        for target in dict.fromkeys(page.targets):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if file.is_dir():
                file = file / "index.html"
            anchor = unquote(parts.fragment)
            # A page's script may answer to an anchor of its own (#?..., #/...).
            wanted = anchor and anchor[0] not in "?/="
            if not file.exists() or (
                wanted and file in pages and anchor not in pages[file].anchors
            ):
                broken.append(f"{path.relative_to(folder.resolve())}: {target}")
    return broken
