"""The Sphinx extension behind ``docs/conf.py``: rooms of the reference, and links that must hold."""

from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from tools.documentation.diagram import drawing
from tools.documentation.names import canonical, modules, public_names, shown_in
from tools.documentation.rendering import attribute_table, has_fields, module_text
from tools.documentation.sources import loaded

__all__ = ["setup"]

log = logging.getLogger(__name__)


class Room(SphinxDirective):
    """``.. room:: vetcore.scheduling``: the module, and those beneath it, name by name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The sections of the page, one for each module that shows a name."""
        room = self.arguments[0]
        beneath = f"{room}." if room != "vetcore" else "vetcore._"
        found: list[nodes.Node] = []
        for module in [room, *(name for name in modules() if name.startswith(beneath))]:
            if module == room or shown_in(module):
                title = f"``{module}``"
                text = f"{title}\n{'-' * len(title)}\n\n{module_text(module)}"
                found += self.parse_text_to_nodes(text, allow_section_headings=True)
        return found


def _without_long_signature(
    _app: Sphinx, what: str, _name: str, value: Any, _options: Any, _sig: str | None, _ret: str
) -> tuple[str, str] | None:
    if what == "class" and isinstance(value, type) and (has_fields(value) or _is_enum(value)):
        return "", ""
    return None


def _is_enum(value: type) -> bool:
    return any(base.__name__ == "Enum" for base in value.__mro__)


def _with_attributes(
    _app: Sphinx, what: str, _name: str, value: Any, _options: Any, lines: list[str]
) -> None:
    if what == "class" and isinstance(value, type):
        lines += attribute_table(value)


def _resolved(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Follow a name that is defined in one module and shown in another."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py":
        return None
    path = _shown(target) if target.startswith("vetcore.") else _only(target)
    if path is not None:
        domain = env.domains.python_domain
        reference = domain.resolve_xref(
            env, node["refdoc"], app.builder, node["reftype"], path, node, content
        ) or domain.resolve_xref(env, node["refdoc"], app.builder, "obj", path, node, content)
        if reference is not None:
            return reference
    if target.startswith("vetcore.") and node.get("reftype") in {
        "func",
        "mod",
        "meth",
        "attr",
        "exc",
        "data",
    }:
        log.warning("nothing is shown as %s", target, location=node, type="reference")
    return None


def _shown(target: str) -> str | None:
    """``vetcore.scheduling.slots.Slot.start`` is shown as ``vetcore.scheduling.Slot.start``."""
    parts = target.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            module = loaded(".".join(parts[:length]))
        except ImportError:
            continue
        if hasattr(module, parts[length]):
            return ".".join([canonical(module.__name__, parts[length]), *parts[length + 1 :]])
    return None


def _only(name: str) -> str | None:
    """What the reference shows under that name, where that is one thing alone."""
    found = {canonical(module, each) for module, each in public_names() if each == name}
    return found.pop() if len(found) == 1 else None


def _draw(_app: Sphinx, doctree: nodes.document) -> None:
    """GitHub draws Mermaid; the site shows our own drawing, which needs no script from elsewhere."""
    for block in list(doctree.findall(nodes.literal_block)):
        if block.get("language") == "mermaid":
            figure = f'<figure class="relations">{drawing()}</figure>'
            block.replace_self(nodes.raw("", figure, format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add all of it to a build."""
    app.add_directive("room", Room)
    app.connect("autodoc-process-signature", _without_long_signature)
    # After Napoleon, which reads the sections of a docstring.
    app.connect("autodoc-process-docstring", _with_attributes, priority=900)
    app.connect("doctree-read", _draw)
    app.connect("missing-reference", _resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
