"""How Sphinx builds the site; nothing is fetched from anywhere."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import vetcore

project = "vetcore"
author = "The vetcore authors"
project_copyright = "The vetcore authors"
release = version = vetcore.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "tools.documentation.site",
]
# Beside each of these pages lies the same in Markdown, for readers of the repository.
exclude_patterns = [
    f"reference/{page.stem}.md" for page in Path(__file__).parent.glob("reference/*.rst")
]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "vetcore"
html_static_path = ["_static"]
html_css_files = ["vetcore.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
