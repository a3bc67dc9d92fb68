"""How Sphinx builds these pages: Markdown, the furo theme, no network."""

project = "Amends"
author = "The Amends authors"
copyright = "The Amends authors, Apache-2.0"  # noqa: A001 -- Sphinx's name
extensions = ["myst_parser"]
exclude_patterns = ["_build", "generate"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Amends"
html_show_sphinx = False
language = "en"
